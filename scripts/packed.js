/**
 * `npm run test:packed`: the packages as their users get them. Packs each published package, installs the files into an empty project
 * outside this repository (from the npm registry, for what the packages depend on), and there
 *
 * - requires and imports every entry of every package (packed/require.cjs),
 * - compiles a program that goes through all of them (packed/vertical.ts) with TypeScript, strictly and with the declarations of all
 *   dependencies checked, under the module rules of Node.js and of bundlers, and runs it,
 * - runs `fraudops --help`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publishedPackages, top } from './workspaces.js';

/** A command failed; its output is in the message. */
class StepError extends Error {}

const folder = mkdtempSync(path.join(tmpdir(), 'fraudops-packed-'));
const project = path.join(folder, 'project');
const packages = publishedPackages();

try {
  step('build', top, 'node', ['scripts/build.js', '--stale']);
  install(pack());
  step('require and import', project, 'node', ['require.cjs', ...packages.map(({ name }) => name)]);
  step('TypeScript for bundlers', project, bin('tsc'), ['-p', 'tsconfig.bundler.json']);
  step('TypeScript for Node.js', project, bin('tsc'), ['-p', 'tsconfig.json']);
  console.log(step('run', project, 'node', ['out/vertical.js']).trim());
  step('fraudops --help', project, bin('fraudops'), ['--help']);
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Paths of the packed files by the name of their package. */
function pack() {
  const directories = packages.map(({ directory }) => directory);
  const printed = step('pack', top, 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...directories]);
  return JSON.parse(printed).map(({ name, filename }) => [name, path.join(folder, filename)]);
}

function install(files) {
  mkdirSync(project);
  cpSync(path.join(top, 'scripts', 'packed'), project, { recursive: true });
  const compilerOptions = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false };
  const common = { ...compilerOptions, target: 'ES2022', lib: ['ES2023'], types: ['node'] };
  const nodeOptions = { ...common, module: 'NodeNext', outDir: 'out' };
  const bundlerOptions = { ...common, module: 'ESNext', moduleResolution: 'bundler', noEmit: true };
  writeJson('tsconfig.json', { compilerOptions: nodeOptions, files: ['vertical.ts'] });
  writeJson('tsconfig.bundler.json', { compilerOptions: bundlerOptions, files: ['vertical.ts'] });

  const ours = files.map(([name, file]) => [name, `file:${file}`]);
  const { devDependencies } = JSON.parse(readFileSync(path.join(top, 'package.json'), 'utf8'));
  const tools = ['typescript', '@types/node'].map((name) => [name, devDependencies[name]]);
  writeJson('package.json', {
    name: 'packed',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries([...ours, ...tools]),
  });
  step('install', project, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline']);
}

function writeJson(name, value) {
  writeFileSync(path.join(project, name), JSON.stringify(value, undefined, 2));
}

function bin(name) {
  return path.join('node_modules', '.bin', name);
}

/** Runs a command, says how long it took, and returns what it printed. */
function step(name, cwd, command, options) {
  const started = performance.now();
  const shell = process.platform === 'win32';
  const { status, error, stdout, stderr } = spawnSync(command, options, { cwd, shell, encoding: 'utf8', env: environment() });
  if (status !== 0) throw new StepError(`packed: ${name} failed\n${error ?? ''}${stdout}\n${stderr}`);
  console.log(`packed: ${name}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return stdout;
}

/** Ours without what npm tells its scripts, which would lead a second npm back to this repository. */
function environment() {
  const told = /^npm_(package|lifecycle|config_local_prefix|command|execpath)|^INIT_CWD$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !told.test(name)));
}
