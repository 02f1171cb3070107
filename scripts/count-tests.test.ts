import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { top } from './workspaces.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fraudops-count-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of a report as vitest 4.1.11 writes it, with one test for each status. */
const testFile = (status: 'passed' | 'failed', ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

/** What the counter prints for a report's text, or for a missing report. */
function counted(report: string | undefined, exitCode: number): string {
  const file = path.join(folder, report === undefined ? 'missing.json' : 'report.json');
  if (report !== undefined) writeFileSync(file, report);
  const { stdout } = spawnSync(process.execPath, [path.join(top, '.ci/count-tests.js'), file, String(exitCode)], {
    encoding: 'utf8',
  });
  return stdout;
}

const countedFiles = (exitCode: number, ...testResults: unknown[]) => counted(JSON.stringify({ testResults }), exitCode);

describe('count-tests', () => {
  it('prints passed, failed and skipped tests of all files', () => {
    const files = [testFile('passed', 'passed', 'passed', 'skipped', 'todo'), testFile('failed', 'failed', 'passed', 'pending')];
    expect(countedFiles(1, ...files)).toBe('3 1 3\n');
  });

  it('counts a status it does not know as a failure', () =>
    expect(countedFiles(0, testFile('passed', 'passed', 'lost'))).toBe('1 1 0\n'));

  it('counts one failure for a file that could not be loaded, and for one whose hook failed', () => {
    expect(countedFiles(1, testFile('passed', 'passed'), testFile('failed'), testFile('failed', 'skipped'))).toBe('1 2 1\n');
  });

  it('counts one failure when the run failed though no test did', () => {
    expect(countedFiles(1, testFile('passed', 'passed', 'passed'))).toBe('2 1 0\n');
    expect(countedFiles(143, testFile('passed', 'passed'))).toBe('1 1 0\n');
  });

  it('counts one failure when there is no report, only a part of one, or no test in it', () => {
    expect(counted(undefined, 0)).toBe('0 1 0\n');
    expect(counted('{"testResults":[{"status":"pas', 0)).toBe('0 1 0\n');
    expect(counted('{}', 0)).toBe('0 1 0\n');
    expect(countedFiles(0)).toBe('0 1 0\n');
    expect(countedFiles(0, testFile('passed', 'skipped'))).toBe('0 1 1\n');
  });
});
