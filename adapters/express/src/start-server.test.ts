import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServer } from './start-server.js';
import { fraudBundle, post, promoteFiles, serve, transaction } from './served-model.fixture.js';

describe('a hot swap under load', () => {
  it('fails no request, also when a version in between is broken', async () => {
    const { url, registry, service, close } = await serve({ service: { pollMs: 10 } });
    const answers = new Map<number, number>();
    const failures: unknown[] = [];
    let stop = false;
    const client = async (customer: number) => {
      for (let id = 0; !stop; id++) {
        const response = await post(`${url}/predict`, { ...transaction, TRANSACTION_ID: id, CUSTOMER_ID: String(customer) });
        const answer = (await response.json()) as { modelVersion: number };
        if (response.status === 200) answers.set(answer.modelVersion, (answers.get(answer.modelVersion) ?? 0) + 1);
        else failures.push(answer);
      }
    };
    const clients = Array.from({ length: 16 }, (_, i) => client(i));
    const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
    /** Until a version has given some more answers to each client. */
    const until = async (version: number) => {
      const enough = (answers.get(version) ?? 0) + 5 * clients.length;
      while ((answers.get(version) ?? 0) < enough && failures.length === 0) await tick();
    };
    await until(1);
    for (const version of [2, 3]) {
      await promoteFiles(registry, fraudBundle(version));
      await until(version);
    }
    await promoteFiles(registry, fraudBundle().slice(1));
    while (service.health().status !== 'degraded') await tick();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await promoteFiles(registry, fraudBundle(5));
    await until(5);
    await registry.promote('fraud', 3, { stage: 'Production', expectedCurrent: 5, by: 'test', why: 'worse' });
    await until(3);
    stop = true;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect([...answers.keys()]).toEqual([1, 2, 3, 5]);
    await close();
  });
});

describe('startServer', () => {
  it('lets a request under way end when it closes, and takes no other', async () => {
    const { url, server, service, close } = await serve();
    // A body that arrives in two parts, the second while the server closes.
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        const text = new TextEncoder().encode(JSON.stringify(transaction));
        controller.enqueue(text.slice(0, 10));
        while (server.listening) await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(text.slice(10));
        controller.close();
      },
    });
    const underWay = fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      duplex: 'half',
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closing = close();
    expect((await underWay).status).toBe(200);
    await closing;
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
    expect(service.health().status).toBe('closed');
    expect(close()).toBe(closing);
  });

  it('cuts off requests that outlast the grace', async () => {
    const { url, close } = await serve({ graceMs: 50 });
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array([123])) });
    const endless = fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      duplex: 'half',
    });
    endless.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    await close();
    await expect(endless).rejects.toThrow('fetch failed');
  });

  it('says when the address is taken', async () => {
    const { port, service, close } = await serve();
    await expect(startServer(service, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await close();
  });

  /** A connection that sends what is given, then nothing; `closed` gives the milliseconds it was open and what came back. */
  async function connect(port: number, sent = '') {
    const startedMs = performance.now();
    const socket = createConnection(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('error', () => {});
    const closed = new Promise<{ afterMs: number; received: string }>((resolve) => {
      socket.once('close', () => resolve({ afterMs: performance.now() - startedMs, received }));
    });
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    if (sent) socket.write(sent);
    return { socket, closed };
  }

  const HEADERS = 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n';

  it.each([
    ['headers', HEADERS.slice(0, 30)],
    ['body', HEADERS],
  ])('cuts off a request whose %s drip in, about when its time is over', async (_, sent) => {
    const { port, close } = await serve({ requestTimeoutMs: 500 });
    const { socket, closed } = await connect(port, sent);
    const drip = setInterval(() => socket.write('x'), 50);
    const { afterMs, received } = await closed;
    clearInterval(drip);
    expect(received).toMatch(/^HTTP\/1\.1 (408|400) /);
    expect(afterMs).toBeGreaterThan(400);
    expect(afterMs).toBeLessThan(2_000);
    await close();
  });

  it('keeps a connection open for the next request as long as it is told to', async () => {
    const openMs = async (keepAliveTimeoutMs: number) => {
      const { port, close } = await serve({ keepAliveTimeoutMs });
      const { closed } = await connect(port, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
      const waited = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 2_500));
      const open = await Promise.race([closed, waited]);
      await close();
      return open?.afterMs;
    };
    // Node allows a client a second more than it promises.
    const [short, long] = await Promise.all([openMs(200), openMs(60_000)]);
    expect(short).toBeGreaterThan(150);
    expect(short).toBeLessThan(2_400);
    expect(long).toBeUndefined();
  });

  it.each([
    ['has sent nothing', '', 0, 800],
    ['is between two requests', 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n', 0, 800],
    ['sends its headers in pieces', HEADERS.slice(0, 30), 900, 3_000],
  ])('does not wait out the grace for a connection that %s', async (_, sent, leastMs, mostMs) => {
    const { port, close } = await serve({ graceMs: 20_000 });
    const { closed } = await connect(port, sent);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedMs = performance.now();
    await close();
    await closed;
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(leastMs);
    expect(performance.now() - startedMs).toBeLessThan(mostMs);
  });
});
