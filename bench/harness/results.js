/**
 * Results as files: `SUITE.json` holds what was measured, `SUITE.md` shows it. A run of some cases replaces those and leaves the
 * others as they were; each says on which machine and with which versions it was measured.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { caseMarkdown } from './report.js';

/**
 * @typedef {object} ResultTable
 * @property {string} [title]
 * @property {readonly string[]} columns
 * @property {readonly (readonly (string | number)[])[]} rows
 */

/**
 * What a case's run returns.
 * @typedef {object} Measured
 * @property {string} setting what was measured, on which data
 * @property {readonly ResultTable[]} tables
 * @property {readonly string[]} checks what was found equal, so that the figures are of the same work
 * @property {readonly string[]} notMeasured what is missing from the tables, and why
 */

/**
 * A case in a results file.
 * @typedef {Measured & { title: string, date: string, sizes: Record<string, number>, machine: Record<string, string>, tookSeconds: number }} CaseResult
 */

/**
 * @param {string} folder
 * @param {{ name: string, title: string, caseNames: readonly string[] }} suite
 * @param {Record<string, CaseResult>} results by case
 * @returns {string[]} names of the files that were written
 */
export function writeResults(folder, suite, results) {
  mkdirSync(folder, { recursive: true });
  const jsonFile = path.join(folder, `${suite.name}.json`);
  const before = existsSync(jsonFile) ? JSON.parse(readFileSync(jsonFile, 'utf8')).cases : {};
  const merged = { ...before, ...results };
  const cases = Object.fromEntries(suite.caseNames.filter((name) => name in merged).map((name) => [name, merged[name]]));
  const markdown = [
    `# Benchmarks: ${suite.title}`,
    `Written by \`npm run bench -- ${suite.name}\`; how it measures, and against what, is in [bench/README.md](../README.md).`,
    ...Object.entries(cases).map(([name, result]) => caseMarkdown(name, result)),
  ];
  const markdownFile = path.join(folder, `${suite.name}.md`);
  writeFileSync(jsonFile, `${JSON.stringify({ formatVersion: 1, suite: suite.name, cases }, undefined, 2)}\n`);
  writeFileSync(markdownFile, `${markdown.join('\n\n')}\n`);
  return [path.basename(markdownFile), path.basename(jsonFile)];
}
