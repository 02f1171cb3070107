import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentProgress } from '@fraudops/core';
import { type LinearModel, type TreeArrays, fromOnnx, modelFromJson, treeModel } from '@fraudops/model';
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

describe('model import of a linear ONNX file', () => {
  /** A LogisticRegression of 4 features, by skl2onnx 1.20.0 of scikit-learn 1.9.1. */
  const bytes = Buffer.from(
    'CAgSCHNrbDJvbm54GgYxLjIwLjAiB2FpLm9ubngoADIAOs8CCu0BCgFYEgVsYWJlbBINcHJvYmFiaWxpdGllcxoQTGluZWFyQ2xhc3NpZmllciIQTGluZWFy' +
      'Q2xhc3NpZmllcioZChBjbGFzc2xhYmVsc19pbnRzQABAAaABByo5Cgxjb2VmZmljaWVudHM9CeJVwD3S6pW9PbE4yL099kUfPT0J4lVAPdLqlT09sTjIPT32' +
      'RR+9oAEGKhkKCmludGVyY2VwdHM90WacQD3RZpzAoAEGKhIKC211bHRpX2NsYXNzGACgAQIqHQoOcG9zdF90cmFuc2Zvcm0iCExPR0lTVElDoAEDOgphaS5v' +
      'bm54Lm1sEhhPTk5YKExvZ2lzdGljUmVncmVzc2lvbilaEQoBWBIMCgoIARIGCgAKAggEYhEKBWxhYmVsEggKBggHEgIKAGIdCg1wcm9iYWJpbGl0aWVzEgwK' +
      'CggBEgYKAAoCCAJCDgoKYWkub25ueC5tbBABQgQKABARQgQKABAR',
    'base64',
  );

  it('says by which option to tell what missing features count as', async () => {
    await writeFile(inFolder('linear.onnx'), bytes);
    const line = ['model', 'import', inFolder('linear.onnx'), '--unproven', '--out', inFolder('linear.json')];
    await expect(printed(...line)).rejects.toThrow(
      'the file does not say what a missing f0 counts as. Say it by --missing: a number for all features',
    );
    await expect(printed(...line)).rejects.not.toThrow('missingValues');
    const missingValues = async () => {
      const json = JSON.parse(await readFile(inFolder('linear.json'), 'utf8'));
      return (modelFromJson(json) as LinearModel).missingValues;
    };
    await printed(...line, '--missing', '0.5');
    expect(await missingValues()).toEqual([0.5, 0.5, 0.5, 0.5]);
    await writeFile(inFolder('means.json'), '[3, 4, 5, 6]');
    await printed(...line, '--missing', inFolder('means.json'));
    expect(await missingValues()).toEqual([3, 4, 5, 6]);
    await writeFile(inFolder('named.json'), '{ "f3": 1, "f0": 2, "f1": 3, "f2": 4 }');
    const json = JSON.parse(await printed(...line, '--missing', inFolder('named.json'), '--json'));
    expect(json).toMatchObject({ library: 'onnx', kind: 'linear', features: ['f0', 'f1', 'f2', 'f3'], certificate: null });
    expect(await missingValues()).toEqual([2, 3, 4, 1]);
    await writeFile(inFolder('wrong-names.json'), '{ "AMOUNT": 1 }');
    await expect(printed(...line, '--missing', inFolder('wrong-names.json'))).rejects.toThrow('missingValues names AMOUNT');
    await writeFile(inFolder('no-numbers.json'), '["1"]');
    await expect(printed(...line, '--missing', inFolder('no-numbers.json'))).rejects.toThrow('holds no array of numbers');
    await expect(
      printed('model', 'import', inFolder('model.json'), '--from', 'xgboost', '--unproven', '--missing', '0'),
    ).rejects.toThrow('--missing is for ONNX files only');
  });

  it('writes rows without missing values for it', async () => {
    await printed('model', 'rows', inFolder('linear.json'), '--complete', '--out', inFolder('complete.json'));
    const { rows } = JSON.parse(await readFile(inFolder('complete.json'), 'utf8')) as { rows: unknown[][] };
    expect(rows.flat()).not.toContain(null);
    const json = JSON.parse(await printed('model', 'rows', inFolder('linear.json'), '--out', inFolder('rows.json'), '--json'));
    expect(json.rows).toBeGreaterThan(rows.length);
  });
});

describe('model export', () => {
  it('writes ONNX files and MLflow folders', async () => {
    await printed('model', 'export', inFolder('model.json'), '--out', inFolder('model.onnx'));
    const again = fromOnnx(await readFile(inFolder('model.onnx')), { withoutCertificate: true }).model;
    expect(again.margin([221, 0])).toBe(model.margin([221, 0]));
    await printed('model', 'export', inFolder('model.json'), '--to', 'mlflow', '--out', inFolder('mlflow'));
    expect(await readdir(inFolder('mlflow'))).toEqual(expect.arrayContaining(['MLmodel', 'model.onnx', 'requirements.txt']));
    const out = inFolder('mlflow-json');
    const json = JSON.parse(await printed('model', 'export', inFolder('model.json'), '--to', 'mlflow', '--out', out, '--json'));
    expect(json).toMatchObject({ to: 'mlflow', out });
    expect(json.files.map((file: string) => path.basename(file))).toEqual(expect.arrayContaining(await readdir(out)));
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
      'kind         tree ensemble',
      'trees        1',
      'leaves       2',
      'link         logistic',
      'base margin  -3',
      'calibration  none',
      'features     AMOUNT, NIGHT',
      'not used     NIGHT',
      '',
    ]);
    expect(JSON.parse(await printed('model', 'show', inFolder('model.json'), '--json'))).toMatchObject({
      trees: 1,
      baseMargin: -3,
      unused: ['NIGHT'],
    });
  });

  it('breaks long lists of features', async () => {
    const featureNames = Array.from({ length: 20 }, (_, i) => `FEATURE_NUMBER_${i}`);
    await writeFile(inFolder('wide.json'), JSON.stringify(treeModel({ featureNames, baseMargin: 0, trees: [stump] }).toJson()));
    const lines = (await printed('model', 'show', inFolder('wide.json'))).split('\n');
    const features = lines.slice(lines.findIndex((line) => line.startsWith('features')));
    expect(features[0]).toMatch(/^features     FEATURE_NUMBER_0, FEATURE_NUMBER_1, /);
    expect(features[1]).toMatch(/^             FEATURE_NUMBER_4, /);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(95);
  });
});

describe('model explain', () => {
  it('says which features made the score, of a row by name or in order', async () => {
    await writeFile(inFolder('row.json'), JSON.stringify({ AMOUNT: 300.10000000149, OTHER: 'x' }));
    expect((await printed('model', 'explain', inFolder('model.json'), inFolder('row.json'))).split('\n')).toEqual([
      'Score 73.11 %',
      '',
      '  feature  value     adds',
      '  ───────  ─────  ───────  ────────────────────────',
      '  AMOUNT   300.1  +4.5000  ████████████████████████',
      '',
      'An average row has −3.5000, this one +1.0000, in log-odds; the features add the difference.',
      'Missing in the row: NIGHT.',
      'Nothing comes from NIGHT.',
      '',
    ]);
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
