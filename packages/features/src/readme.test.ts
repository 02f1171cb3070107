/** The README as a reader follows it: its code runs from top to bottom, and prints what is shown below each piece. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as fsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import * as core from '@fraudops/core';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as zod from 'zod';
import * as features from './index.js';

const MODULES: Readonly<Record<string, unknown>> = {
  '@fraudops/core': core,
  '@fraudops/features': features,
  'node:fs/promises': fsPromises,
  zod,
};

/** A piece of the README: code, and the output that is shown before the next piece. */
interface Piece {
  readonly code: string;
  readonly shown: string;
}

function piecesOf(markdown: string): Piece[] {
  const blocks = [...markdown.matchAll(/^```(ts|text)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text: text! }));
  return blocks.flatMap(({ language, text }, i) => {
    const following = blocks[i + 1];
    return language === 'ts' ? [{ code: text, shown: following?.language === 'text' ? following.text : '' }] : [];
  });
}

/** Runs all pieces as one program; what each printed. */
async function printedBy(pieces: readonly Piece[]): Promise<string[]> {
  const printed = pieces.map(() => '');
  const program = pieces.map(({ code }, i) => `piece(${i});\n${code}`).join('\n');
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  let at = 0;
  const console = {
    log: (...values: unknown[]) => {
      const line = values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ');
      printed[at] += `${line}\n`.replaceAll(/[ \t]+$/gm, '');
    },
  };
  const AsyncFunction = (async () => {}).constructor as new (...source: string[]) => (...given: unknown[]) => Promise<void>;
  await new AsyncFunction('require', 'exports', 'console', 'piece', outputText)(
    (name: string) => MODULES[name],
    {},
    console,
    (i: number) => (at = i),
  );
  return printed;
}

let folder: string;
const home = process.cwd();
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'readme-'));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

describe('README.md', () => {
  it('prints what it shows', async () => {
    const pieces = piecesOf(readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8'));
    const printed = await printedBy(pieces);
    expect(printed).toEqual(pieces.map(({ shown }) => shown));
  });
});
