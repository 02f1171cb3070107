/**
 * The contract that every `EntityStateStore` keeps, as test suites. An implementation's own test file is a few lines:
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * import { entityStatesContract } from '@fraudops/features/testing';
 *
 * entityStatesContract('myStates', { describe, it }, async () => ({ open: () => myStates(), dispose: async () => {} }));
 * ```
 *
 * Beside it, a proxy that cuts connections, for tests of whatever speaks with a server: see {@link cuttingProxy}.
 *
 * @packageDocumentation
 */
export type { TestRunner } from '@fraudops/core/testing';
export { type EntityStatesPlace, entityStatesContract } from './state/entity-states-contract.js';
export { type EntityStatesServer, cutConnectionsContract } from './state/cut-connections-contract.js';
export { type CutMoment, type CuttingProxy, type ServerAddress, cuttingProxy } from './state/cutting-proxy.js';
export { sharedFeaturesContract } from './state/shared-features-contract.js';
