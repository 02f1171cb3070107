/**
 * `npm run bench -- SUITE [CASE ...] [--SIZE NUMBER ...]`: runs a suite's cases one after the other, prints their tables, and writes them to
 * `bench/results`. Runs with other sizes than the cases' own are printed only, unless `--results FOLDER` says where they go.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bootstrap } from '../scripts/bootstrap.js';
import { UsageError, readArguments, requireKnownSizes, sizesOf } from './harness/arguments.js';
import { machineFacts } from './harness/machine.js';
import { preparePeers } from './harness/peers.js';
import { caseMarkdown } from './harness/report.js';
import { writeResults } from './harness/results.js';

/**
 * What a case gets to run with.
 * @typedef {object} Context
 * @property {Record<string, number>} sizes
 * @property {import('./harness/peers.js').Peers} peers
 * @property {string} folder empty, for files that contestants share; removed afterwards
 * @property {(text: string) => void} say
 */

/**
 * @typedef {object} Case
 * @property {string} title
 * @property {Record<string, number>} sizes of a full run; each is an option
 * @property {(context: Context) => Promise<import('./harness/results.js').Measured>} run
 */

/** A suite's `suite.js` exports one as `suite`. @typedef {{ title: string, cases: Record<string, Case> }} Suite */

const benchFolder = path.dirname(fileURLToPath(import.meta.url));
const suitesFolder = path.join(benchFolder, 'suites');
const say = (text) => console.error(text);

try {
  await main(readArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}

async function main(words) {
  const file = suiteFile(words.suite);
  // Cases import the packages as they were built.
  if (words.build) await bootstrap();
  /** @type {{ suite: Suite }} */
  const { suite } = await import(pathToFileURL(file).href);
  const chosen = chooseCases(words.suite, suite, words.cases);
  requireKnownSizes(chosen, words.sizes);
  const peers = await preparePeers({ wanted: words.peers, systemPython: words.python, say });
  const results = {};
  for (const [name, each] of Object.entries(chosen)) {
    results[name] = await runCase(name, each, sizesOf(each.sizes, words.sizes), peers);
    console.log(`\n${caseMarkdown(name, results[name])}`);
  }
  const isReduced = Object.keys(words.sizes).length > 0 || !words.peers;
  if (isReduced && words.results === undefined) {
    say('\nNot written to bench/results: this was no full run. Give --results FOLDER to keep it.');
    return;
  }
  const folder = words.results ?? path.join(benchFolder, 'results');
  const written = writeResults(folder, { name: words.suite, title: suite.title, caseNames: Object.keys(suite.cases) }, results);
  say(`\nWritten: ${written.join(', ')}`);
}

function suiteFile(name) {
  const names = readdirSync(suitesFolder).filter((folder) => existsSync(path.join(suitesFolder, folder, 'suite.js')));
  if (name !== undefined && names.includes(name)) return path.join(suitesFolder, name, 'suite.js');
  const found = name === undefined ? 'no suite is named' : `there is no suite ${name}`;
  throw new UsageError(`${found}; npm run bench -- ${names.join('|')} [case ...] [--rounds 3 ...]`);
}

function chooseCases(suiteName, { cases }, names) {
  const unknown = names.find((name) => !Object.hasOwn(cases, name));
  if (unknown !== undefined) {
    throw new UsageError(`${suiteName} has no case ${unknown}; it has ${Object.keys(cases).join(', ')}`);
  }
  return names.length === 0 ? cases : Object.fromEntries(names.map((name) => [name, cases[name]]));
}

async function runCase(name, { title, run }, sizes, peers) {
  say(`\n${name}: ${title}`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fraudops-bench-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // Contestants end by themselves when their input does.
  const interrupted = () => {
    removeFolder();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  const machine = machineFacts(peers);
  const startedMs = performance.now();
  try {
    const measured = await run({ sizes, peers, folder, say: (text) => say(`  ${text}`) });
    const tookSeconds = (performance.now() - startedMs) / 1000;
    return { title, date: new Date().toISOString().slice(0, 10), sizes, machine, tookSeconds, ...measured };
  } finally {
    process.off('SIGINT', interrupted);
    removeFolder();
  }
}
