import { expect, it, vi } from 'vitest';

vi.mock('zod', () => {
  throw new Error('zod was loaded');
});
vi.mock('@bufbuild/protobuf', () => {
  throw new Error('protobuf was loaded');
});
vi.mock('node:worker_threads', async (original) => ({ ...(await original<object>()), parentPort: null }));

it('is loaded without what reads models, which would take most of its start', async () => {
  await expect(import('./training-worker.js')).resolves.toBeDefined();
});
