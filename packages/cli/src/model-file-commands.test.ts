import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentProgress } from '@fraudops/core';
import { type TreeArrays, fromOnnx, modelFromJson, treeModel } from '@fraudops/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLine } from './command.js';
import { modelFileCommands } from './model-file-commands.js';

/** Amounts above 220 are suspicious. */
const stump: TreeArrays = {
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(220, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(0, -1, 4),
  cover: Float64Array.of(10, 9, 1),
};
const model = treeModel({ featureNames: ['AMOUNT', 'NIGHT'], baseMargin: -3, trees: [stump] });

let folder: string;
const inFolder = (name: string) => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'model-'));
  await writeFile(inFolder('model.json'), JSON.stringify(model.toJson()));
});
afterAll(() => rm(folder, { recursive: true }));

async function printed(...line: string[]): Promise<string> {
  const parsed = parseLine(modelFileCommands, line);
  if (parsed.help) throw new Error('a command was expected');
  let text = '';
  const signal = new AbortController().signal;
  const context = { style: (_: string, styled: string) => styled, progress: silentProgress, user: 'test', signal };
  await parsed.command.run({ ...parsed.given, ...context, print: (more) => (text += more) });
  return text;
}

describe('model import', () => {
  it('goes from a file of another library, by rows that it scores, to a model that is proven', async () => {
    const exported = inFolder('there.json');
    await printed('model', 'export', inFolder('model.json'), '--to', 'xgboost', '--out', exported);
    const draft = inFolder('draft.json');
    expect(await printed('model', 'import', exported, '--unproven', '--out', draft)).toContain(
      'Not proven to score as it does in xgboost',
    );
    await printed('model', 'rows', draft, '--out', inFolder('rows.json'));

    const { rows } = JSON.parse(await readFile(inFolder('rows.json'), 'utf8')) as { rows: (number | string | null)[][] };
    const margins = rows.map((row) => model.margin(row.map((value) => (value === null ? Number.NaN : Number(value)))));
    await writeFile(inFolder('certificate.json'), JSON.stringify({ rows, margins }));
    const out = inFolder('imported.json');
    const text = await printed('model', 'import', exported, '--certificate', inFolder('certificate.json'), '--out', out);
    expect(text).toMatch(/^Proven on \d+ rows; margins differ by at most/m);
    expect(modelFromJson(JSON.parse(await readFile(out, 'utf8'))).margin([221, 0])).toBeCloseTo(1, 6);
  });

  it('refuses a certificate that the model fails, and leaves no file', async () => {
    const exported = inFolder('there.json');
    await printed('model', 'export', inFolder('model.json'), '--to', 'xgboost', '--out', exported);
    await writeFile(inFolder('wrong.json'), JSON.stringify({ rows: [[1, 2]], margins: [7] }));
    await expect(
      printed('model', 'import', exported, '--certificate', inFolder('wrong.json'), '--out', inFolder('never.json')),
    ).rejects.toThrow('row 0 scores');
    expect(await readdir(folder)).not.toContain('never.json');
  });

  it('asks for what is missing', async () => {
    await writeFile(inFolder('odd.bin'), '');
    await expect(printed('model', 'import', inFolder('odd.bin'), '--unproven')).rejects.toThrow(
      '--from is missing, expected xgboost',
    );
    await expect(printed('model', 'import', inFolder('model.json'))).rejects.toThrow('--certificate is missing');
    await expect(printed('model', 'import', inFolder('odd.bin'), '--from', 'constructor', '--unproven')).rejects.toThrow(
      '--from is "constructor"',
    );
  });
});

describe('model export', () => {
  it('writes ONNX files and MLflow folders', async () => {
    await printed('model', 'export', inFolder('model.json'), '--out', inFolder('model.onnx'));
    const again = fromOnnx(await readFile(inFolder('model.onnx')), { withoutCertificate: true }).model;
    expect(again.margin([221, 0])).toBe(model.margin([221, 0]));
    await printed('model', 'export', inFolder('model.json'), '--to', 'mlflow', '--out', inFolder('mlflow'));
    expect(await readdir(inFolder('mlflow'))).toEqual(expect.arrayContaining(['MLmodel', 'model.onnx', 'requirements.txt']));
    await expect(printed('model', 'export', inFolder('model.json'), '--to', 'pickle')).rejects.toThrow('--to is "pickle"');
  });
});

describe('a file of another kind', () => {
  it('is named, with what to do', async () => {
    await writeFile(inFolder('lightgbm.txt'), 'tree\nversion=v4\n');
    await expect(printed('model', 'show', inFolder('lightgbm.txt'))).rejects.toThrow(
      'lightgbm.txt is no model as "fraudops model import"',
    );
    await writeFile(inFolder('other.json'), '{}');
    await expect(printed('model', 'export', inFolder('other.json'))).rejects.toThrow('other.json is JSON, but no model');
  });
});

describe('model show', () => {
  it('says what the model is made of', async () => {
    expect((await printed('model', 'show', inFolder('model.json'))).split('\n')).toEqual([
      'kind: tree ensemble',
      'trees: 1',
      'leaves: 2',
      'link: logistic',
      'base margin: -3',
      'calibration: none',
      'features: AMOUNT, NIGHT',
      'unused: NIGHT',
      '',
    ]);
    expect(JSON.parse(await printed('model', 'show', inFolder('model.json'), '--json'))).toMatchObject({
      trees: 1,
      unused: ['NIGHT'],
    });
  });
});

describe('model explain', () => {
  it('says which features made the score, of a row by name or in order', async () => {
    await writeFile(inFolder('row.json'), JSON.stringify({ AMOUNT: 300, OTHER: 'x' }));
    const text = await printed('model', 'explain', inFolder('model.json'), inFolder('row.json'));
    expect(text).toContain('Score 73.11 %: it comes from a sum in log-odds, -3.5000 for an average row and 1.0000 for this one.');
    expect(text).toMatch(/AMOUNT +300 +\+4\.5000/);
    await writeFile(inFolder('list.json'), '[300, null]');
    const json = JSON.parse(await printed('model', 'explain', inFolder('model.json'), inFolder('list.json'), '--json'));
    expect(json).toMatchObject({
      method: 'tree_path_dependent',
      margin: 1,
      contributions: { AMOUNT: expect.closeTo(4.5, 12), NIGHT: 0 },
    });
  });

  it('names the value that is no number', async () => {
    await writeFile(inFolder('bad.json'), JSON.stringify({ AMOUNT: '300' }));
    await expect(printed('model', 'explain', inFolder('model.json'), inFolder('bad.json'))).rejects.toThrow(
      'AMOUNT is "300", expected a number',
    );
    await writeFile(inFolder('short.json'), '[1]');
    await expect(printed('model', 'explain', inFolder('model.json'), inFolder('short.json'))).rejects.toThrow(
      'ROW has 1 values, the model takes 2',
    );
  });
});
