/**
 * `npm run test:interop`: exported models in other programs (`*.interop.test.ts`); further arguments go to vitest.
 *
 * Installs the oldest, a middle and the newest supported version of onnxruntime-node, and a Python environment with MLflow, into a temporary
 * folder, from the registries that npm and pip are set to, and removes them afterwards. That takes minutes and about 2 GB. A Python that
 * has mlflow, onnx, onnxruntime and pandas can be named by FRAUDOPS_PYTHON; then none is installed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.js';
import { top } from './workspaces.js';

const RUNTIMES = ['1.20.1', '1.22.0', '1.30.0'];
const PYTHON_PACKAGES = ['mlflow==3.17.2', 'onnx==1.23.2', 'onnxruntime==1.30.0', 'pandas'];

/** A command failed; its output is in the message. */
class StepError extends Error {}

await bootstrap();
const folder = mkdtempSync(path.join(tmpdir(), 'fraudops-interop-'));
try {
  const environment = {
    ...process.env,
    FRAUDOPS_TEST_ONNXRUNTIMES: RUNTIMES.map(installRuntime).join(path.delimiter),
    FRAUDOPS_TEST_PYTHON: process.env.FRAUDOPS_PYTHON ?? installPython(),
  };
  const vitest = path.join(top, 'node_modules', 'vitest', 'vitest.mjs');
  const words = ['run', '--config', 'vitest.workspace.ts', 'interop', ...process.argv.slice(2)];
  process.exitCode =
    spawnSync(process.execPath, [vitest, ...words], { cwd: top, stdio: 'inherit', env: environment }).status ?? 1;
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function installRuntime(version) {
  const project = path.join(folder, `onnxruntime-${version}`);
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{"private":true}');
  // Its install script fetches files for graphics cards; the library itself is in the package.
  step('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `onnxruntime-node@${version}`], project);
  return project;
}

function installPython() {
  const project = path.join(folder, 'python');
  step('python3', ['-m', 'venv', project], folder);
  const python = path.join(project, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
  step(python, ['-m', 'pip', 'install', '--quiet', ...PYTHON_PACKAGES], folder);
  return python;
}

function step(command, words, directory) {
  console.error(`${command} ${words.join(' ')}`);
  const { status, stdout, stderr, error } = spawnSync(command, words, { cwd: directory, encoding: 'utf8' });
  if (status !== 0)
    throw new StepError(`interop: ${command} ${words.join(' ')} failed\n${error ?? ''}${stdout ?? ''}${stderr ?? ''}`);
}
