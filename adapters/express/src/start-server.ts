import { type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ScoringService } from '@fraudops/serve';
import type { FraudApiOptions } from './fraud-api.js';
import { fraudApp } from './fraud-app.js';

/** Options of {@link startServer}. */
export interface StartServerOptions extends FraudApiOptions {
  /** Default 3000; 0 takes any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`, so that nobody else reaches it; `0.0.0.0` in a container. */
  readonly host?: string;
  /** How long a request may take to arrive, milliseconds, kept to a second or a tenth of it, whichever is less. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /**
   * How long a connection without a request is kept open, milliseconds. Default 75,000: longer than the 60 seconds of most load balancers
   * (AWS ALB, nginx), so that it is them who close, and no request meets a connection that is being closed.
   */
  readonly keepAliveTimeoutMs?: number;
  /** How long closing waits for requests under way before it cuts them off, milliseconds. Default 10,000. */
  readonly graceMs?: number;
}

/** A server that listens. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /**
   * Takes no more connections, cuts those without a request, lets requests under way end, then closes the scoring service. Calling it
   * again gives the same promise.
   */
  readonly close: () => Promise<void>;
}

/** How often closing looks for connections that became idle, milliseconds. */
const IDLE_CHECK_MS = 20;
/** How long closing waits for headers that arrive in pieces, milliseconds; in earnest they arrive at once. */
const HEADERS_GRACE_MS = 1_000;

/**
 * Serves {@link fraudApp} over HTTP.
 *
 * @throws the system's error when the address is taken or not allowed
 * @example
 * const server = await startServer(service, { port: 3000 });
 * process.once('SIGTERM', () => void server.close());
 */
export async function startServer(service: ScoringService, options: StartServerOptions = {}): Promise<RunningServer> {
  const { port = 3000, host = '127.0.0.1', requestTimeoutMs = 30_000, keepAliveTimeoutMs = 75_000, graceMs = 10_000 } = options;
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // How often Node looks for requests that are over their time; by itself every 30 seconds.
    connectionsCheckingInterval: Math.ceil(Math.min(1_000, Math.max(10, requestTimeoutMs / 10))),
  };
  const server = createServer(timeouts);
  const connections = trackConnections(server);
  server.on('request', fraudApp(service, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    server,
    close: () => (closing ??= drain(server, connections, graceMs).then(() => service.close())),
  };
}

/** The open connections, each with its number of requests under way. */
function trackConnections(server: Server): ReadonlyMap<Socket, number> {
  const connections = new Map<Socket, number>();
  server.on('connection', (socket) => {
    connections.set(socket, 0);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    connections.set(socket, (connections.get(socket) ?? 0) + 1);
    response.once('close', () => {
      if (connections.has(socket)) connections.set(socket, connections.get(socket)! - 1);
    });
  });
  return connections;
}

function drain(server: Server, connections: ReadonlyMap<Socket, number>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const headersUntilMs = performance.now() + HEADERS_GRACE_MS;
    const cutIdle = (): void => {
      // A kept-alive connection is not closed by itself when its last request ends.
      server.closeIdleConnections();
      // Node takes one that has not sent a whole request yet for busy.
      const isLate = performance.now() >= headersUntilMs;
      for (const [socket, requests] of connections) if (requests === 0 && (isLate || socket.bytesRead === 0)) socket.destroy();
    };
    const idle = setInterval(cutIdle, IDLE_CHECK_MS);
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(cutOff);
      resolve();
    });
    cutIdle();
  });
}
