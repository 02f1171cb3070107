/**
 * The scoring service of `@fraudops/serve` over HTTP with Express 5: a router, an app, and a server that closes gracefully.
 *
 * @packageDocumentation
 */
export { type FraudApiOptions, fraudApi } from './fraud-api.js';
export * from './fraud-app.js';
export * from './start-server.js';
