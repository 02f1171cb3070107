import { once } from 'node:events';
import { type Server, connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerAddress, cuttingProxy } from './cutting-proxy.js';

/** Answers every piece with the same, and remembers it. */
let server: Server;
let target: ServerAddress;
const arrived: string[] = [];
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      arrived.push(String(piece));
      socket.write(piece);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  target = { host: '127.0.0.1', port: (server.address() as { port: number }).port };
});
afterAll(() => server.close());

/** What came back for a request over a connection of its own; undefined when the connection was cut. */
async function ask(address: ServerAddress, request: string): Promise<string | undefined> {
  const socket = connect({ ...address });
  socket.on('error', () => {});
  socket.write(request);
  const answer = await new Promise<string | undefined>((resolve) => {
    socket.on('data', (piece) => resolve(String(piece)));
    socket.on('close', () => resolve(undefined));
  });
  socket.destroy();
  return answer;
}

describe('cuttingProxy', () => {
  it('leads to the server and back when it cuts nothing', async () => {
    const proxy = await cuttingProxy(target, 0, 'none');
    expect(await ask(proxy.address, 'hello')).toBe('hello');
    expect(Object.values(proxy.cuts)).toEqual([0, 0, 0]);
    await proxy.close();
    await expect(once(connect({ ...proxy.address }), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('cuts as often as it says, and a request arrives unless it was cut before', async () => {
    const proxy = await cuttingProxy(target, 0.2, 'some');
    arrived.length = 0;
    let answers = 0;
    for (let i = 0; i < 100; i++) if ((await ask(proxy.address, `request ${i}`)) === `request ${i}`) answers++;
    const { 'before the request': before, 'while the request travels': travelling, 'before the answer': after } = proxy.cuts;
    expect(Math.min(before, travelling, after)).toBeGreaterThan(0);
    expect(answers).toBe(100 - before - travelling - after);
    for (let waitedMs = 0; waitedMs < 2_000 && arrived.length < 100 - before; waitedMs += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(new Set(arrived).size).toBe(100 - before);
    await proxy.close();
  });
});
