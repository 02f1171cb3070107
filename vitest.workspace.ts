/** Test configuration of all workspaces; run with `vitest run --config vitest.workspace.ts`, as `npm test` does. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

// Tests read the packages' sources, so a test run never depends on how fresh a build is.
const alias = [
  { find: /^@fraudops\/(duckdb|express|postgres|redis)$/, replacement: source('./adapters/$1/src/index.ts') },
  { find: /^@fraudops\/(core|features)\/testing$/, replacement: source('./packages/$1/src/testing.ts') },
  { find: /^@fraudops\/([a-z]+)$/, replacement: source('./packages/$1/src/index.ts') },
];

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/src/**/*.test.ts', 'adapters/*/src/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'house',
          include: ['examples/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 240_000,
          // These start whole programs; side by side they would slow each other into time-outs.
          fileParallelism: false,
        },
      },
    ],
  },
});
