import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ScoringService } from '@fraudops/serve';
import type { FraudApiOptions } from './fraud-api.js';
import { fraudApp } from './fraud-app.js';

/** Options of {@link startServer}. */
export interface StartServerOptions extends FraudApiOptions {
  /** Default 3000; 0 takes any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`, so that nobody else reaches it; `0.0.0.0` in a container. */
  readonly host?: string;
  /** How long a request may take to arrive, milliseconds. Default 30,000. */
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
  /** Takes no more connections, lets requests under way end, then closes the scoring service. Calling it again gives the same promise. */
  readonly close: () => Promise<void>;
}

/** How often closing looks for connections that became idle, milliseconds. */
const IDLE_CHECK_MS = 20;

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
  const timeouts = { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs };
  const server = createServer(timeouts, fraudApp(service, options));
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
    close: () => (closing ??= drain(server, graceMs).then(() => service.close())),
  };
}

function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A kept-alive connection is not closed by itself when its last request ends.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(cutOff);
      resolve();
    });
  });
}
