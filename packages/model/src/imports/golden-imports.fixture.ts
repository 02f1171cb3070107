/** Models of other libraries with rows and what these libraries make of them; made by `oracles/import_goldens.py`. */
import { readdirSync, readFileSync } from 'node:fs';

/** One golden file. XGBoost's have `json` and `ubj` (base64), LightGBM's `text` and `dump` (JSON text). */
export interface GoldenImport {
  readonly name: string;
  /** Library, version and function that gave the margins. */
  readonly oracle: string;
  readonly options: { readonly iterations?: 'best' | 'all' };
  readonly json: string;
  readonly ubj: string;
  readonly text: string;
  readonly dump: string;
  readonly rows: readonly number[][];
  readonly margins: readonly number[];
  readonly probabilities: readonly number[];
}

const folder = new URL('.', import.meta.url);

/** The goldens of a library, such as `xgboost`, by name of file. */
export function goldenImports(library: string): GoldenImport[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${library}-`) && file.endsWith('.golden.json'))
    .map((file) => readGolden(file));
}

function readGolden(file: string): GoldenImport {
  const golden = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Omit<GoldenImport, 'rows'> & { rows: string[] };
  return {
    ...golden,
    name: file.replace('.golden.json', ''),
    rows: golden.rows.map((row) => row.split(',').map(readFloat32)),
  };
}

function readFloat32(text: string): number {
  const named: Record<string, number> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY };
  return named[text] ?? Math.fround(Number(text));
}
