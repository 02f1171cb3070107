/** A way to a server on which connections break, after as many bytes as a seed says. */
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { type Random, seededRandom } from '@fraudops/core';

export interface CuttingProxy {
  readonly endpoint: string;
  /** Connections that were cut. */
  readonly cuts: number;
  /** Lets everything through from now on. */
  mend(): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy in front of a server.
 *
 * @param longest most bytes that a connection carries, both ways together, before it is cut
 */
export async function startCuttingProxy(target: string, seed: string, longest: number): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const random = seededRandom(seed);
  const sockets = new Set<Socket>();
  const state = { cuts: 0, isMended: false };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    cutAfter(random, longest, [client, upstream], state);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return state.cuts;
    },
    mend: () => {
      state.isMended = true;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function cutAfter(random: Random, longest: number, ends: readonly Socket[], state: { cuts: number; isMended: boolean }): void {
  let left = random.integer(longest);
  for (const end of ends) {
    end.on('data', (chunk: Uint8Array) => {
      left -= chunk.length;
      if (left > 0 || state.isMended) return;
      state.cuts++;
      for (const each of ends) each.destroy();
    });
  }
}
