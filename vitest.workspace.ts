/** Test configuration of all workspaces; run with `vitest run --config vitest.workspace.ts`, as `npm test` does. */
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

// Tests read the packages' sources, so a test run never depends on how fresh a build is.
const alias = [
  { find: /^@fraudops\/(duckdb|express|postgres|redis|s3)$/, replacement: source('./adapters/$1/src/index.ts') },
  { find: /^@fraudops\/s3\/testing$/, replacement: source('./adapters/s3/src/testing.ts') },
  { find: /^@fraudops\/(core|features)\/testing$/, replacement: source('./packages/$1/src/testing.ts') },
  { find: /^@fraudops\/(core|model)\/(kernels|forms)$/, replacement: source('./packages/$1/src/$2.ts') },
  { find: /^@fraudops\/([a-z]+)$/, replacement: source('./packages/$1/src/index.ts') },
];

const serverTests = '**/*.servers.test.ts';
// Set by scripts/servers.js, which starts the servers: without them there are no such tests.
const hasServers = ['POSTGRES', 'PGBOUNCER', 'REDIS', 'S3'].every((name) => process.env[`FRAUDOPS_TEST_${name}`] !== undefined);
const serversProject = {
  extends: true as const,
  test: { name: 'servers', include: [`{adapters,packages}/*/src/${serverTests}`], testTimeout: 60_000 },
};

const interopTests = '**/*.interop.test.ts';
// Set by scripts/interop.js, which installs those other programs.
const hasOtherPrograms = process.env.FRAUDOPS_TEST_ONNXRUNTIMES !== undefined;

export default defineConfig({
  resolve: { alias },
  test: {
    // By default one processor is left out, which is half of a small machine.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/src/**/*.test.ts', 'adapters/*/src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, serverTests, ...(hasOtherPrograms ? [] : [interopTests])],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'house',
          include: ['examples/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/harness/*.test.js'],
          testTimeout: 240_000,
          // These start whole programs; side by side they would slow each other into time-outs.
          fileParallelism: false,
        },
      },
      ...(hasServers ? [serversProject] : []),
    ],
  },
});
