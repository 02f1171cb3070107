/**
 * What must be there before anything of this repository runs: a Node.js that is new enough, the installed dependencies, and a build of the
 * present sources. Does only what is missing; when nothing is, it costs some file reads. Uses nothing but Node.js itself.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isStale } from './build-record.js';
import { exclusively, sayWaiting } from './exclusive.js';
import { cacheFolder, top, turnsFolder, workspaces } from './workspaces.js';

const OLDEST_NODE = [20, 19];
/** Of a command that failed: npm says why at the beginning, compilers at the end. */
const SHOWN_LINES = { first: 15, last: 15 };

const lockFile = path.join(top, 'package-lock.json');
const installedRecord = path.join(cacheFolder, 'installed');

/** Installs and builds what is missing or out of date. When that fails, says why and ends the process with code 1. */
export async function bootstrap() {
  try {
    requireNode();
    if (!isInstalled()) await exclusively(turnsFolder, install, { onWait: sayWaiting });
    if (workspaces().some((workspace) => isStale(workspace))) await build();
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** Something a person has to mend; its message says what. */
class BootstrapError extends Error {}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new BootstrapError(
    `Node.js ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}: install a newer one.`,
  );
}

/** By the record of our own install, or because somebody ran npm after the lock file last changed. */
function isInstalled() {
  if (existsSync(installedRecord) && readFileSync(installedRecord, 'utf8') === lockHash()) return true;
  const npmRecord = path.join(top, 'node_modules', '.package-lock.json');
  // npm install writes both files, in either order, within a moment.
  return existsSync(npmRecord) && statSync(npmRecord).mtimeMs > statSync(lockFile).mtimeMs - 1_000;
}

async function install() {
  if (isInstalled()) return;
  console.error('Installing dependencies (npm ci): once, and again when package-lock.json changes.');
  // Development dependencies build the sources, so they are needed under NODE_ENV=production too.
  const result = await run(npm(), ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  if (result.code !== 0) throw new BootstrapError(`npm ci failed:\n${result.output}`);
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(installedRecord, lockHash());
}

async function build() {
  console.error('Building the packages: again only when their sources change.');
  const result = await run([process.execPath], [path.join(top, 'scripts', 'build.js'), '--no-types', '--stale']);
  if (result.code !== 0) throw new BootstrapError(`The build failed:\n${result.output}`);
}

const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');

/** The npm that started us if one did, else the one on the path. */
function npm() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script) && existsSync(script)) return [process.execPath, script];
  return ['npm'];
}

/** Runs a command in the top folder without input; its output is what it printed, without the middle when that is long. */
/** ONNX Runtime's install script would fetch several hundred megabytes for graphics cards, which nothing here uses. */
const ENVIRONMENT = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };

function run([command, ...first], rest) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command === 'npm';
    const child = spawn(command, [...first, ...rest], { cwd: top, stdio: ['ignore', 'pipe', 'pipe'], shell, env: ENVIRONMENT });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => reject(new BootstrapError(`${command} could not be started: ${error.message}`)));
    child.on('close', (code) => resolve({ code, output: shortened(output.trimEnd().split('\n')) }));
  });
}

function shortened(lines) {
  const { first, last } = SHOWN_LINES;
  if (lines.length <= first + last) return lines.join('\n');
  return [...lines.slice(0, first), '...', ...lines.slice(-last)].join('\n');
}
