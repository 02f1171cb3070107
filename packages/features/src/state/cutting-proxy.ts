/**
 * A proxy between a client and a server that cuts connections at random moments, as networks do: before a request arrived, after it
 * arrived but before its answer did, and, worst of all, while it still travels: then the client is gone, and the server gets the request
 * a little later, when the client may have tried again over another connection.
 */
import { type Server, type Socket, connect, createServer } from 'node:net';
import { type Random, seededRandom } from '@fraudops/core';

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** When a connection was cut, seen from the request under way. */
export type CutMoment = 'before the request' | 'while the request travels' | 'before the answer';

/** A proxy that {@link cuttingProxy} started. */
export interface CuttingProxy {
  readonly address: ServerAddress;
  /** How many connections were cut so far. */
  readonly cuts: Readonly<Record<CutMoment, number>>;
  /** Ends all connections, and takes no more. */
  close(): Promise<void>;
}

/** Longest time that a request travels alone. */
const TRAVEL_MS = 30;

/**
 * @param target the server
 * @param cutShare probability that a piece of data is cut, for each of the moments
 * @param seed which pieces are cut; timing still differs from run to run
 */
export async function cuttingProxy(target: ServerAddress, cutShare: number, seed: string): Promise<CuttingProxy> {
  const random = seededRandom(seed);
  const cuts = { 'before the request': 0, 'while the request travels': 0, 'before the answer': 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...target, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    join(client, upstream, { random, cutShare, onCut: (moment) => cuts[moment]++ });
  });
  const port = await listen(server);
  return { address: { host: '127.0.0.1', port }, cuts, close: () => close(server, sockets) };
}

interface Cutting {
  readonly random: Random;
  readonly cutShare: number;
  readonly onCut: (moment: CutMoment) => void;
}

function join(client: Socket, upstream: Socket, { random, cutShare, onCut }: Cutting): void {
  let travels = false;
  client.on('data', (request) => {
    if (travels) return;
    const draw = random.next() / cutShare;
    if (draw < 1) {
      onCut('before the request');
      client.destroy();
    } else if (draw < 2) {
      onCut('while the request travels');
      travels = true;
      client.destroy();
      setTimeout(() => upstream.end(request), random.integer(TRAVEL_MS));
    } else {
      upstream.write(request);
    }
  });
  upstream.on('data', (answer) => {
    if (travels) return;
    if (random.next() < cutShare) {
      onCut('before the answer');
      client.destroy();
    } else {
      client.write(answer);
    }
  });
  client.on('close', () => {
    if (!travels) upstream.destroy();
  });
  upstream.on('close', () => client.destroy());
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
