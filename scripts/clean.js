/** `npm run clean`: removes what the build, the docs and the tests make. Leaves node_modules, and the programs' data in .fraudops. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, top, workspaces } from './workspaces.js';

const made = [
  ...workspaces().flatMap(({ directory }) => [path.join(directory, 'dist'), path.join(directory, 'dist.next')]),
  path.join(top, 'docs', 'api'),
  path.join(top, 'coverage'),
  cacheFolder,
];
for (const folder of made) rmSync(folder, { recursive: true, force: true });
