/** The registry on a disk that is full, and on one that may only be read: a file system of its own, seen by the test's processes only. */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProgram, buildProgram } from './built-program.fixture.js';
import type { DiskReport } from './disk-damage.fixture.js';

/** Starts a program that sees file systems of its own. */
const NAMESPACES = 'unshare';
/** Needs Linux, and the right to make namespaces. */
const mayMount = spawnSync(NAMESPACES, ['--mount', '--map-root-user', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

/** Ends with the first command that fails; the file system is gone when it ends. */
const SCRIPT = `
  set -e
  mount -t tmpfs -o size=3m none "$2"
  "$0" "$1" fill "$2/store"
  mount -o remount,ro "$2"
  "$0" "$1" refused "$2/store"
  mount -o remount,rw,size=8m "$2"
  "$0" "$1" go-on "$2/store"`;

let program: BuiltProgram;
beforeAll(async () => {
  program = await buildProgram('disk-damage.fixture.ts');
}, 60_000);
afterAll(() => program.dispose());

describe.skipIf(!mayMount)('a disk', () => {
  it('that is full or read-only gives typed errors, damages nothing, and is used again afterwards', {
    timeout: 60_000,
  }, async () => {
    await mkdir(program.folder);
    const words = ['--mount', '--map-root-user', 'sh', '-c', SCRIPT, process.execPath, program.file, program.folder];
    const { status, stdout, stderr } = spawnSync(NAMESPACES, words, { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const [full, readOnly, roomy] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as DiskReport) as [DiskReport, DiskReport, DiskReport];
    const last = full.registered.length;
    expect(last, 'versions that found room').toBeGreaterThan(3);
    expect(full).toEqual({
      registered: Array.from({ length: last }, (_, i) => i + 1),
      failures: { register: 'NO_SPACE', promote: 'NO_SPACE', logMetrics: 'NO_SPACE', finish: 'NO_SPACE', startRun: 'NO_SPACE' },
      versions: last,
      loadedFiles: 2 * last,
      problems: [],
      production: 1,
      runs: { running: 1 },
    });
    expect(readOnly).toEqual({
      ...full,
      registered: [],
      failures: { register: 'READ_ONLY', promote: 'READ_ONLY', startRun: 'READ_ONLY' },
    });
    expect(roomy).toEqual({
      ...full,
      registered: [last + 1],
      failures: {},
      versions: last + 1,
      loadedFiles: 2 * last + 2,
      production: 2,
      runs: { running: 1, finished: 1 },
    });
  });
});
