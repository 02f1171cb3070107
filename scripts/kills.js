/**
 * `npm run test:kills`: the tests of what kills and races leave behind, at full length (`npm test` runs them short): kills the quickstart at 50
 * random moments, or as many as the argument says; kills processes that use a registry at 500; and lets 64 processes race for a promotion,
 * 200 times.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { bootstrap } from './bootstrap.js';
import { top } from './workspaces.js';

await bootstrap();
const [kills = '50'] = process.argv.slice(2);
const lengths = { KILLS: kills, REGISTRY_KILLS: '500', RACE_PROCESSES: '64', RACE_ROUNDS: '200' };
const files = ['examples/quickstart/src/kill', 'packages/cli/src/registry-kill', 'packages/cli/src/promotion-race'];
const vitest = path.join(top, 'node_modules', 'vitest', 'vitest.mjs');
const words = ['run', '--config', 'vitest.workspace.ts', '--no-file-parallelism', ...files.map((file) => `${file}.test.ts`)];
const child = spawn(process.execPath, [vitest, ...words], { cwd: top, stdio: 'inherit', env: { ...process.env, ...lengths } });
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
