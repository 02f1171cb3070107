/**
 * `node .ci/count-tests.js REPORT STATUS` prints `PASSED FAILED SKIPPED` of a run of vitest: REPORT is the file of its JSON reporter,
 * STATUS the exit code of the run. What can't be counted as a test but failed (no report, a file that can't be loaded, an error outside
 * of all tests) counts as one failure.
 */
import { readFileSync } from 'node:fs';

const [, , file, status] = process.argv;

const files = readReport(file)?.testResults;
if (!Array.isArray(files)) {
  console.error(`There is no report of the tests in ${file}: counted as one failure.`);
  console.log('0 1 0');
} else {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const withStatus = (...statuses) => tests.filter((test) => statuses.includes(test.status)).length;
  const passed = withStatus('passed');
  const skipped = withStatus('skipped', 'pending', 'todo', 'disabled');
  const unloaded = files.filter(
    (one) => one.status === 'failed' && one.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  let failed = tests.length - passed - skipped + unloaded;
  if (failed === 0 && (status !== '0' || passed === 0)) {
    console.error(
      `No test failed, but ${passed === 0 ? 'none passed' : `the run ended with code ${status}`}: counted as one failure.`,
    );
    failed = 1;
  }
  console.log(`${passed} ${failed} ${skipped}`);
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Missing or cut off: vitest did not get to the end.
    return undefined;
  }
}
