/**
 * `npm run test:kills`: what kills and races leave behind, at full length (`npm test` tries it short): kills the quickstart at 50 random moments,
 * kills processes that use a registry in a folder at 500, and lets 64 processes race for promotions in 200 rounds. Up to three arguments are
 * other numbers than these three.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { bootstrap } from './bootstrap.js';
import { top } from './workspaces.js';

await bootstrap();
const [KILLS = '50', REGISTRY_KILLS = '500', RACE_ROUNDS = '200'] = process.argv.slice(2);
const files = ['examples/quickstart/src/kill', 'packages/cli/src/registry-kill', 'packages/cli/src/promotion-race'];
const vitest = path.join(top, 'node_modules', 'vitest', 'vitest.mjs');
const words = ['run', '--config', 'vitest.workspace.ts', '--no-file-parallelism', ...files.map((file) => `${file}.test.ts`)];
const environment = { ...process.env, KILLS, REGISTRY_KILLS, RACE_ROUNDS, RACE_PROCESSES: '64' };
const child = spawn(process.execPath, [vitest, ...words], { cwd: top, stdio: 'inherit', env: environment });
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
