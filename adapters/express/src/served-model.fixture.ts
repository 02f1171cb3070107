/** A service over a tiny model by hand, behind a real server, for tests. */
import { memoryStore } from '@fraudops/core';
import { handbookFeatures } from '@fraudops/features';
import { type BundleFile, linearModel, writeBundle } from '@fraudops/model';
import { type ModelRegistry, modelRegistry } from '@fraudops/registry';
import { type ScoringService, type ScoringServiceOptions, scoringService } from '@fraudops/serve';
import { type RunningServer, type StartServerOptions, startServer } from './start-server.js';

/** The higher the intercept, the likelier is fraud. */
export function fraudBundle(intercept = -4): BundleFile[] {
  const featureNames = handbookFeatures.names;
  const zeros = featureNames.map(() => 0);
  const model = linearModel({ featureNames, weights: [0.01, ...zeros.slice(1)], intercept, missingValues: zeros });
  return writeBundle({ model, features: handbookFeatures.toJson() });
}

export async function promoteFiles(registry: ModelRegistry, files: readonly BundleFile[]): Promise<number> {
  const { version } = await registry.register('fraud', { files, algorithm: 'logistic' });
  await registry.promote('fraud', version, { stage: 'Production', by: 'test', why: 'test' });
  return version;
}

export interface Served extends RunningServer {
  registry: ModelRegistry;
  service: ScoringService;
}

export interface ServedOptions extends StartServerOptions {
  /** Whether a version is in Production at the start. Default true. */
  model?: boolean;
  service?: Partial<ScoringServiceOptions>;
}

export async function serve({ model = true, service: serviceOptions, ...options }: ServedOptions = {}): Promise<Served> {
  const registry = modelRegistry(memoryStore());
  if (model) await promoteFiles(registry, fraudBundle());
  const online = handbookFeatures.online();
  const service = await scoringService({
    registry,
    model: 'fraud',
    online,
    pollMs: 0,

    ...serviceOptions,
  });
  const server = await startServer(service, { port: 0, ...options });
  return { ...server, registry, service };
}

export const transaction = {
  TRANSACTION_ID: 7,
  TX_DATETIME: '2018-07-01T10:00:00Z',
  CUSTOMER_ID: '596',
  TERMINAL_ID: '3156',
  TX_AMOUNT: 57.16,
};

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
