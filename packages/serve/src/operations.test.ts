import { jsonLogger, manualClock, memoryStore } from '@fraudops/core';
import { handbookFeatures } from '@fraudops/features';
import { modelRegistry } from '@fraudops/registry';
import { describe, expect, it } from 'vitest';
import { fraudBundle, promoteFiles, registryWithModel, transaction } from './bundle.fixture.js';
import type { Answer, Operation } from './operation.js';
import { problemSchema } from './problem.js';
import { type ScoringService, scoringService } from './scoring-service.js';

const clock = manualClock(Date.UTC(2018, 6, 2));
const start = async (registry = registryWithModel(memoryStore())) =>
  scoringService({ model: 'fraud', registry: await registry, online: handbookFeatures.online(), clock, pollMs: 0 });

function operation(service: ScoringService, id: string): Operation {
  const found = service.operations.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found;
}

describe('operations', () => {
  it('are these', async () =>
    expect((await start()).operations.map(({ id, method, path }) => `${id} ${method} ${path}`)).toEqual([
      'predict post /predict',
      'predictBatch post /predict/batch',
      'health get /health',
      'metrics get /metrics',
      'openApi get /openapi.json',
      'home get /',
    ]));

  it('answer as their schemas say, given their examples', async () => {
    const service = await start();
    for (const { id, request, requestExample, response, contentType, handler } of service.operations) {
      if (request) expect(request.safeParse(requestExample).success, id).toBe(true);
      const answer = await handler(requestExample);
      expect(answer.status, id).toBe(200);
      expect(answer.contentType).toBe(contentType);
      expect(response.safeParse(answer.body), id).toEqual({ success: true, data: answer.body });
    }
  });

  it.each([
    ['predict', { ...transaction, TX_AMOUNT: 'x' }, 422, 'VALIDATION'],
    ['predict', undefined, 422, 'VALIDATION'],
    ['predictBatch', { transactions: 5 }, 422, 'VALIDATION'],
    ['predictBatch', null, 422, 'VALIDATION'],
    ['predictBatch', { transactions: Array.from({ length: 1001 }, () => transaction) }, 413, 'BATCH_TOO_LARGE'],
  ])('%s turns a bad request into a problem', async (id, input, status, code) => {
    const answer = await operation(await start(), id).handler(input);
    expect(answer).toMatchObject({ status, contentType: 'application/problem+json', body: { status, code } });
    expect(problemSchema.strict().safeParse(answer.body).success).toBe(true);
  });

  it('answer 503 while there is no model', async () => {
    const service = await start(Promise.resolve(modelRegistry(memoryStore())));
    const answers = await Promise.all(
      ['predict', 'predictBatch', 'health'].map((id) => operation(service, id).handler({ transactions: [] })),
    );
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(answers[0]?.body).toMatchObject({ code: 'NO_MODEL', type: 'urn:fraudops:problem:no-model' });
    expect(answers[2]?.body).toMatchObject({ status: 'no-model' });
  });

  it('tell nobody about an error inside, but the log', async () => {
    const lines: string[] = [];
    const online = handbookFeatures.online();
    const service = await scoringService({
      model: 'fraud',
      registry: await registryWithModel(memoryStore()),
      online,
      clock,
      pollMs: 0,
      logger: jsonLogger((line) => lines.push(line)),
    });
    online.observe = () => {
      throw new Error('secret of the inside');
    };
    const answer = await operation(service, 'predict').handler(transaction);
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(lines.join('')).toContain('secret of the inside');
  });

  it('go on working when held across a swap, with the new version', async () => {
    const registry = await registryWithModel(memoryStore());
    const service = await start(Promise.resolve(registry));
    const predict = operation(service, 'predict');
    await promoteFiles(registry, fraudBundle({ intercept: 2 }));
    await service.refresh();
    const answer: Answer = await predict.handler(transaction);
    expect(answer.body).toMatchObject({ modelVersion: 2 });
  });

  it('are counted, with those an adapter refused', async () => {
    const service = await start();
    await operation(service, 'predict').handler(transaction);
    await operation(service, 'predict').handler({});
    service.countRefused('none', 404);
    const text = await service.metrics();
    for (const line of [
      'fraudops_requests_total{operation="predict",status="200",model="fraud"} 1',
      'fraudops_requests_total{operation="predict",status="422",model="fraud"} 1',
      'fraudops_requests_total{operation="none",status="404",model="fraud"} 1',
      'fraudops_request_duration_seconds_count{model="fraud",operation="predict"} 2',
      'fraudops_score_count{model="fraud"} 1',
      'fraudops_decisions_total{decision="approve",model="fraud"} 1',
      'fraudops_decisions_total{decision="decline",model="fraud"} 0',
      'fraudops_decision_log_records{model="fraud"} 1',
      'fraudops_decision_log_dropped_total{model="fraud"} 0',
      'fraudops_refresh_failures_total{model="fraud"} 0',
      'fraudops_model_since_seconds{model="fraud"} 1530489600',
    ]) {
      expect(text).toContain(line);
    }
  });
});

interface Document {
  openapi: string;
  servers: unknown;
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        requestBody?: { content: Record<string, { schema: object; example: unknown }> };
        responses: Record<string, { description: string }>;
      }
    >
  >;
  components: { schemas: Record<string, { required?: string[]; properties?: Record<string, object> }> };
}

describe('openApi', () => {
  it('describes every operation, and nothing else', async () => {
    const service = await start();
    const document = service.openApi({ basePath: '/fraud' }) as Document;
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: '/fraud' }]);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described).toEqual(service.operations.map(({ method, path }) => `${method} ${path}`));
    for (const { path, method, id } of service.operations) expect(document.paths[path]?.[method]?.operationId).toBe(id);
  });

  it('has the transaction of the model, without its label, with an example', async () => {
    const document = (await start()).openApi() as Document;
    const { required, properties } = document.components.schemas['Transaction'] ?? {};
    expect(required).toEqual(['TRANSACTION_ID', 'TX_DATETIME', 'CUSTOMER_ID', 'TERMINAL_ID', 'TX_AMOUNT']);
    expect(properties).not.toHaveProperty('TX_FRAUD');
    expect(properties?.['TX_AMOUNT']).toEqual({ type: 'number', minimum: 0, multipleOf: 0.01 });
    const body = document.paths['/predict']?.['post']?.requestBody?.content['application/json'];
    expect(body?.schema).toEqual({ $ref: '#/components/schemas/Transaction' });
    expect(body?.example).toMatchObject({ CUSTOMER_ID: '1001' });
  });

  it('tells which problems there are', async () => {
    const { paths } = (await start()).openApi() as Document;
    const responses = paths['/predict/batch']?.['post']?.responses ?? {};
    expect(Object.keys(responses)).toEqual(['200', '400', '413', '415', '422', '500', '503']);
    expect(responses['413']?.description).toMatch(/BODY_TOO_LARGE.*BATCH_TOO_LARGE/);
    expect(Object.keys(paths['/health']?.['get']?.responses ?? {})).toEqual(['200', '503']);
  });

  it('is made and written once a version', async () => {
    const registry = await registryWithModel(memoryStore());
    const service = await start(Promise.resolve(registry));
    const { handler } = operation(service, 'openApi');
    const first = await handler(undefined, { basePath: '/fraud' });
    expect(first.text).toBe(JSON.stringify(first.body));
    expect((await handler(undefined, { basePath: '/fraud' })).body).toBe(first.body);
    await promoteFiles(registry, fraudBundle({ intercept: 2 }));
    await service.refresh();
    const second = await handler(undefined, { basePath: '/fraud' });
    expect(second.body).toMatchObject({ info: { version: '2' }, servers: [{ url: '/fraud' }] });
  });

  it('works without a model', async () => {
    const document = (await start(Promise.resolve(modelRegistry(memoryStore())))).openApi() as Document;
    expect(document.paths['/predict']).toBeDefined();
    expect(document.components.schemas['Transaction']).toBeUndefined();
  });
});
