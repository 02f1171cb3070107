/** `npm run test:kills`: kills the quickstart at 50 random moments (`npm test` does it at a few), or as many as the argument says. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { bootstrap } from './bootstrap.js';
import { top } from './workspaces.js';

await bootstrap();
const [kills = '50'] = process.argv.slice(2);
const vitest = path.join(top, 'node_modules', 'vitest', 'vitest.mjs');
const words = ['run', '--config', 'vitest.workspace.ts', '--project', 'house', 'examples/quickstart/src/kill.test.ts'];
const child = spawn(process.execPath, [vitest, ...words], { cwd: top, stdio: 'inherit', env: { ...process.env, KILLS: kills } });
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
