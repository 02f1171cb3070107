import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fraudApi } from './fraud-api.js';
import { type Served, fraudBundle, post, promoteFiles, serve, transaction } from './served-model.fixture.js';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(async () => served.close());

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:fraudops:problem:/) as string,
    title: expect.any(String) as string,
  });
  expect(problem['status']).toBe(response.status);
  return problem;
}

describe('routes', () => {
  it('POST /predict scores', async () => {
    const response = await post(`${served.url}/predict`, transaction);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-powered-by')).toBeNull();
    const answer = (await response.json()) as { score: number };
    expect(answer).toMatchObject({ transactionId: 7, decision: 'approve', model: 'fraud', modelVersion: 1 });
    // 1 / (1 + exp(4 - 0.01 * 57.16)) by Python 3.11's math
    expect(answer.score).toBeCloseTo(0.031419587594882635, 8);
  });

  it('POST /predict takes gzip and a charset', async () => {
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8', 'Content-Encoding': 'gzip' };
    const response = await fetch(`${served.url}/predict`, {
      method: 'POST',
      headers,
      body: gzipSync(JSON.stringify(transaction)),
    });
    expect(response.status).toBe(200);
  });

  it('POST /predict/batch scores in order', async () => {
    const transactions = Array.from({ length: 1000 }, (_, i) => ({ ...transaction, TRANSACTION_ID: i }));
    const response = await post(`${served.url}/predict/batch`, { transactions });
    const { results } = (await response.json()) as { results: { transactionId: number }[] };
    expect(results.map(({ transactionId }) => transactionId)).toEqual(transactions.map(({ TRANSACTION_ID }) => TRANSACTION_ID));
  });

  it('GET /health', async () => {
    const response = await fetch(`${served.url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ok', version: 1 });
  });

  it('GET /metrics', async () => {
    const response = await fetch(`${served.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('fraudops_model_info{version="1",algorithm="logistic",model="fraud"} 1');
  });

  it('GET /openapi.json describes every route, and every described route answers', async () => {
    const document = (await (await fetch(`${served.url}/openapi.json`)).json()) as {
      openapi: string;
      servers: { url: string }[];
      paths: Record<string, Record<string, { requestBody?: { content: { 'application/json': { example: unknown } } } }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: '/' }]);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { requestBody }] of Object.entries(methods)) {
        const response = requestBody
          ? await post(served.url + path, requestBody.content['application/json'].example)
          : await fetch(served.url + path, { method });
        expect(response.status, `${method} ${path}`).toBe(200);
      }
    }
  });

  it('HEAD and OPTIONS', async () => {
    const head = await fetch(`${served.url}/health`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const options = await fetch(`${served.url}/predict`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
  });
});

describe('problems', () => {
  it('422 names field, value and rule', async () => {
    const problem = await problemOf(await post(`${served.url}/predict`, { ...transaction, TX_AMOUNT: -5 }));
    expect(problem).toMatchObject({
      status: 422,
      code: 'VALIDATION',
      errors: [{ field: 'TX_AMOUNT', value: -5, rule: 'Too small: expected number to be >=0' }],
    });
    expect(problem['detail']).toBe('TX_AMOUNT is -5: Too small: expected number to be >=0; correct it and send it again');
  });

  it('422 names the index in a batch, of which nothing is scored', async () => {
    const before = served.service.decisionLog.size;
    const transactions = [transaction, transaction, { ...transaction, CUSTOMER_ID: null }];
    const problem = await problemOf(await post(`${served.url}/predict/batch`, { transactions }));
    expect(problem).toMatchObject({
      status: 422,
      errors: [{ index: 2, field: 'CUSTOMER_ID', value: null, rule: 'expected string, received null' }],
    });
    expect(served.service.decisionLog.size).toBe(before);
  });

  it.each(['null', '5', '"x"', '[]', '{}', '{"__proto__":{"TX_AMOUNT":1}}'])('422 for the JSON %s', async (body) => {
    expect(await problemOf(await post(`${served.url}/predict`, body))).toMatchObject({ status: 422, code: 'VALIDATION' });
    expect(await problemOf(await post(`${served.url}/predict/batch`, body))).toMatchObject({ status: 422, code: 'VALIDATION' });
  });

  it.each(['{', '', '{"a":1}}', 'TX_AMOUNT=5', '\u0000'])('400 for the body %j, which is no JSON', async (body) =>
    expect(await problemOf(await post(`${served.url}/predict`, body))).toMatchObject({ status: 400, code: 'MALFORMED_JSON' }),
  );

  it('400 for a body that is not compressed as it says', async () => {
    const response = await post(`${served.url}/predict`, transaction, { 'Content-Encoding': 'gzip' });
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  it('404 for other addresses', async () => {
    expect(await problemOf(await fetch(`${served.url}/nothing`))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await problemOf(await post(`${served.url}/predict/one`, transaction))).toMatchObject({ status: 404 });
    expect(await problemOf(await fetch(`${served.url}/docs/package.json`))).toMatchObject({ status: 404 });
    expect(await problemOf(await fetch(`${served.url}/docs/..%2f..%2fpackage.json`))).toMatchObject({ status: 404 });
  });

  it('405 for other methods, naming those allowed', async () => {
    const response = await fetch(`${served.url}/predict`);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    expect(await problemOf(response)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    const deleted = await fetch(`${served.url}/health`, { method: 'DELETE' });
    expect([deleted.status, deleted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it.each(['/docs', '/docs/start.js', '/docs/style.css', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'])(
    '%s treats other methods as all addresses do',
    async (path) => {
      const posted = await post(served.url + path, {});
      expect(posted.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
      expect(await problemOf(posted)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
      const options = await fetch(served.url + path, { method: 'OPTIONS' });
      expect([options.status, options.headers.get('allow'), await options.text()]).toEqual([204, 'GET, HEAD, OPTIONS', '']);
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])(
    '415 for the content type %j',
    async (type) =>
      expect(await problemOf(await post(`${served.url}/predict`, transaction, { 'Content-Type': type }))).toMatchObject({
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
      }),
  );

  it('415 for an unknown encoding or charset', async () => {
    for (const headers of [{ 'Content-Encoding': 'zstd9' }, { 'Content-Type': 'application/json; charset=klingon' }]) {
      expect(await problemOf(await post(`${served.url}/predict`, transaction, headers))).toMatchObject({ status: 415 });
    }
  });

  it('413 for a body above 100 kB, or 1 MB in a batch, also when it is compressed', async () => {
    const large = JSON.stringify({ ...transaction, note: 'x'.repeat(100_000) });
    expect(await problemOf(await post(`${served.url}/predict`, large))).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    const packed = await fetch(`${served.url}/predict`, { method: 'POST', headers, body: gzipSync(large) });
    expect(await problemOf(packed)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    const batch = JSON.stringify({ transactions: [{ ...transaction, note: 'x'.repeat(900_000) }] });
    expect((await post(`${served.url}/predict/batch`, batch)).status).toBe(200);
    expect(await problemOf(await post(`${served.url}/predict/batch`, `${batch}${' '.repeat(100_000)}`))).toMatchObject({
      status: 413,
    });
  });

  it('413 for more transactions than a batch may have', async () => {
    const transactions = Array.from({ length: 1001 }, () => transaction);
    expect(await problemOf(await post(`${served.url}/predict/batch`, { transactions }))).toMatchObject({
      status: 413,
      code: 'BATCH_TOO_LARGE',
    });
  });

  it('503 while there is no model, and health says so', async () => {
    const empty = await serve({ model: false });
    expect(await problemOf(await post(`${empty.url}/predict`, transaction))).toMatchObject({ status: 503, code: 'NO_MODEL' });
    const health = await fetch(`${empty.url}/health`);
    expect([health.status, await health.json()]).toMatchObject([503, { status: 'no-model' }]);
    await empty.close();
  });

  it('500 without saying why', async () => {
    const other = await serve();
    Object.defineProperty(other.service, 'scoreBatch', {
      value: async () => {
        throw new Error('secret');
      },
    });
    const response = await post(`${other.url}/predict/batch`, { transactions: [] });
    const text = await response.text();
    expect([response.status, text.includes('secret'), text.includes('at ')]).toEqual([500, false, false]);
    await other.close();
  });

  it('are counted by operation and status', async () => {
    const { url, close } = await serve();
    await post(`${url}/predict`, '{');
    await post(`${url}/predict`, transaction, { 'Content-Type': 'text/plain' });
    await fetch(`${url}/nothing`);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('fraudops_requests_total{operation="predict",status="400",model="fraud"} 1');
    expect(text).toContain('fraudops_requests_total{operation="predict",status="415",model="fraud"} 1');
    expect(text).toContain('fraudops_requests_total{operation="none",status="404",model="fraud"} 1');
    await close();
  });
});

describe('pages', () => {
  const asBrowser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  it('GET / is a page for browsers and JSON for others', async () => {
    const page = await fetch(served.url, { headers: asBrowser });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('vary')).toBe('Accept');
    const html = await page.text();
    for (const part of [
      'Ready to score',
      '<dd>fraud</dd>',
      '<dd>1</dd>',
      'href="/docs"',
      'href="/health"',
      'href="/metrics"',
      `curl ${served.url}/predict`,
    ]) {
      expect(html).toContain(part);
    }
    for (const headers of [{ Accept: 'application/json' }, {}]) {
      const json = await fetch(served.url, { headers });
      expect(json.headers.get('content-type')).toBe('application/json');
      expect(await json.json()).toMatchObject({ health: { status: 'ok' }, operations: expect.any(Array) as unknown[] });
    }
  });

  it('neither page loads anything from elsewhere', async () => {
    for (const path of ['/', '/docs']) {
      const response = await fetch(served.url + path, { headers: asBrowser });
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      const loaded = [...(await response.text()).matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
      expect(loaded.filter((address) => !/^(\/(?!\/)|data:,)/.test(address))).toEqual([]);
      for (const address of loaded.filter((each) => each.startsWith('/')))
        expect((await fetch(served.url + address)).status, address).toBe(200);
    }
  });

  it('GET / escapes what it repeats, and repeats no host that is none', async () => {
    const html = await new Promise<string>((resolve, reject) => {
      httpRequest(served.url, { headers: { ...asBrowser, Host: "a'b.example<script>" } }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
    expect(html).toContain('curl http://localhost/predict');
    expect(html).not.toContain('<script');
  });

  it('GET / shows a failed load', async () => {
    const { url, registry, service, close } = await serve();
    await promoteFiles(registry, fraudBundle().slice(1));
    await expect(service.refresh()).rejects.toThrow('model.json');
    const html = await (await fetch(url, { headers: asBrowser })).text();
    expect(html).toContain('newest version could not be taken into service');
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await close();
  });

  it('can be left out', async () => {
    const { url, close } = await serve({ docs: false });
    expect((await fetch(`${url}/docs`)).status).toBe(404);
    expect(await (await fetch(url, { headers: asBrowser })).text()).not.toContain('/docs');
    await close();
  });
});

describe('fraudApi in an app of its own', () => {
  it('works under a path, and leaves other addresses to the app', async () => {
    const app = express();
    app.use('/fraud', fraudApi(served.service, { maxBodyBytes: { predict: 50 } }));
    app.get('/fraud/mine', (_request, response) => {
      response.send('mine');
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/fraud`;
    expect(await (await fetch(`${url}/mine`)).text()).toBe('mine');
    expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ servers: [{ url: '/fraud' }] });
    expect(await (await fetch(`${url}/`, { headers: { Accept: 'text/html' } })).text()).toContain(`curl ${url}/predict`);
    expect(await (await fetch(`${url}/docs`)).text()).toContain('src="/fraud/docs/start.js"');
    expect((await post(`${url}/predict`, transaction)).status).toBe(413);
    await new Promise((resolve) => server.close(resolve));
  });
});
