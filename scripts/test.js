/** `npm test`: installs and builds what is missing, then runs all tests once; further arguments go to vitest. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { bootstrap } from './bootstrap.js';
import { top } from './workspaces.js';

await bootstrap();
const vitest = path.join(top, 'node_modules', 'vitest', 'vitest.mjs');
const child = spawn(process.execPath, [vitest, 'run', '--config', 'vitest.workspace.ts', ...process.argv.slice(2)], {
  cwd: top,
  stdio: 'inherit',
});
// An interrupt reaches vitest by itself; this process stays until vitest has ended, and ends as it did.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('close', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
