/**
 * The peers: Python libraries, pinned in `bench/requirements.txt` and installed into `bench/.venv` the first time, and again when the
 * pins change. Where that can't be done the benchmarks run without them, and say so wherever a peer's figure would stand.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const benchFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const environmentFolder = path.join(benchFolder, '.venv');
const requirementsFile = path.join(benchFolder, 'requirements.txt');
const installedRecord = path.join(environmentFolder, 'installed-requirements.txt');
const venvPython =
  process.platform === 'win32'
    ? path.join(environmentFolder, 'Scripts', 'python.exe')
    : path.join(environmentFolder, 'bin', 'python');

/**
 * @typedef {object} Peers
 * @property {string} [python] the Python that has the peers; absent when they can't be measured
 * @property {string} [missing] why they can't
 * @property {Record<string, string>} versions by name, Python's included
 */

/**
 * @param {{ wanted: boolean, systemPython: string, say: (text: string) => void }} options `systemPython`: command that starts Python
 * @returns {Promise<Peers>}
 */
export async function preparePeers({ wanted, systemPython, say }) {
  if (!wanted) return { missing: 'left out with --no-peers', versions: {} };
  try {
    if (!isInstalled()) await install(systemPython, say);
    return { python: venvPython, versions: await versions() };
  } catch (error) {
    say(`The peers are not measured: ${error.message}`);
    return { missing: error.message.split('\n')[0], versions: {} };
  }
}

const isInstalled = () =>
  existsSync(installedRecord) && readFileSync(installedRecord, 'utf8') === readFileSync(requirementsFile, 'utf8');

async function install(systemPython, say) {
  say('Installing the peers into bench/.venv (about 500 MB): once, and again when bench/requirements.txt changes.');
  rmSync(environmentFolder, { recursive: true, force: true });
  await run(
    systemPython,
    ['-m', 'venv', environmentFolder],
    'no virtual environment could be made; is Python 3.11 or newer installed? See --python',
  );
  const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile];
  await run(venvPython, words, 'pip could not install bench/requirements.txt');
  writeFileSync(installedRecord, readFileSync(requirementsFile));
}

/** Versions as the installed libraries state them. */
async function versions() {
  const names = readFileSync(requirementsFile, 'utf8').match(/^\w[\w-]*(?===)/gm) ?? [];
  const program = `import json, platform, importlib.metadata as m
print(json.dumps({"Python": platform.python_version(), **{n: m.version(n) for n in ${JSON.stringify(names)}}}))`;
  return JSON.parse(await run(venvPython, ['-c', program], 'the Python of bench/.venv does not start'));
}

/** Output of a command that succeeded. */
function run(command, words, failure) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.on('error', (error) => reject(new Error(`${failure} (${error.code ?? 'it did not start'})`)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${failure} (exit code ${code})\n${errors.trim()}`));
    });
  });
}
