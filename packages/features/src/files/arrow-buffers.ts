/**
 * Columns in the layout of Arrow (columnar format 1.5, "Physical Memory Layout"), as flechette encodes them. Each is nullable; a bit of the
 * validity map says where a value is.
 */
import { type CategoryColumn, type Column, MISSING_CODE, MISSING_FLAG } from '@fraudops/core';
import type * as Flechette from '@uwdata/flechette';
import { FeatureError } from '../feature-error.js';

/** Numbers as float64, times as timestamps in milliseconds UTC, flags as booleans. */
export function plainColumn(flechette: typeof Flechette, column: Exclude<Column, CategoryColumn>): Flechette.Column<unknown> {
  const { values } = column;
  switch (column.kind) {
    case 'flag': {
      const { validity, nullCount } = validityOf(values.length, (row) => values[row] !== MISSING_FLAG);
      const bits = validityOf(values.length, (row) => values[row] === 1).validity;
      return columnOf(flechette, flechette.bool(), { length: values.length, nullCount, validity, values: bits });
    }
    case 'time': {
      const { validity, nullCount } = validityOf(values.length, (row) => !Number.isNaN(values[row]));
      const epochMs = new BigInt64Array(values.length);
      for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row])) epochMs[row] = BigInt(values[row]!);
      const type = flechette.timestamp(flechette.TimeUnit.MILLISECOND, 'UTC');
      return columnOf(flechette, type, { length: values.length, nullCount, validity, values: epochMs });
    }
    default: {
      const { validity, nullCount } = validityOf(values.length, (row) => !Number.isNaN(values[row]));
      return columnOf(flechette, flechette.float64(), {
        length: values.length,
        nullCount,
        validity,
        values,
      });
    }
  }
}

/** A dictionary of UTF-8 strings, and its codes as int32. */
export function dictionaryColumn(flechette: typeof Flechette, { codes, dictionary }: CategoryColumn): Flechette.Column<unknown> {
  const { validity, nullCount } = validityOf(codes.length, (row) => codes[row] !== MISSING_CODE);
  const strings = utf8Column(flechette, dictionary);
  // flechette finds the dictionary of a column by the identity of its type.
  const type = flechette.dictionary(strings.type, flechette.int32());
  const values = codes.map((code) => Math.max(code, 0));
  return columnOf(flechette, type, { length: codes.length, nullCount, validity, values }, (batch) => {
    (batch as unknown as { setDictionary(strings: Flechette.Column<string>): void }).setDictionary(strings);
  });
}

/**
 * UTF-8 strings: the rows of columns, one below the other.
 * @param caller name for messages
 * @throws {FeatureError} TOO_LARGE for 2 GiB of text, since offsets are int32
 */
export function textColumn(
  flechette: typeof Flechette,
  { caller, name }: { readonly caller: string; readonly name: string },
  columns: readonly CategoryColumn[],
): Flechette.Column<unknown> {
  const texts = columns.flatMap(({ codes, dictionary }) => {
    const encoded = new Map<number, Uint8Array>();
    return Array.from(codes, (code) => {
      if (code === MISSING_CODE) return undefined;
      const known = encoded.get(code) ?? Buffer.from(dictionary[code]!);
      encoded.set(code, known);
      return known;
    });
  });
  const bytes = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (bytes > MAX_TEXT_BYTES) {
    const message = `${caller}: column ${name} has ${bytes} bytes of text in ${texts.length} rows, expected at most ${MAX_TEXT_BYTES} in Arrow; write Parquet`;
    throw new FeatureError('TOO_LARGE', message, { column: name, bytes, maxBytes: MAX_TEXT_BYTES });
  }
  const { validity, nullCount } = validityOf(texts.length, (row) => texts[row] !== undefined);
  const offsets = new Int32Array(texts.length + 1);
  const values = new Uint8Array(bytes);
  texts.forEach((text, row) => {
    if (text) values.set(text, offsets[row]);
    offsets[row + 1] = offsets[row]! + (text?.length ?? 0);
  });
  return columnOf(flechette, flechette.utf8(), { length: texts.length, nullCount, validity, offsets, values });
}

const MAX_TEXT_BYTES = 2 ** 31 - 1;

/** flechette's own builder makes no batch for an empty dictionary, which readers need. */
function utf8Column(flechette: typeof Flechette, strings: readonly string[]): Flechette.Column<string> {
  const texts = strings.map((text) => Buffer.from(text));
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((text, i) => (offsets[i + 1] = offsets[i]! + text.length));
  const fields = {
    length: texts.length,
    nullCount: 0,
    validity: new Uint8Array(0),
    offsets,
    values: new Uint8Array(Buffer.concat(texts)),
  };
  return columnOf(flechette, flechette.utf8(), fields) as Flechette.Column<string>;
}

type BatchFields = Omit<ConstructorParameters<typeof Flechette.Batch>[0], 'type'>;

function columnOf(
  flechette: typeof Flechette,
  type: Flechette.DataType,
  fields: BatchFields,
  complete: (batch: Flechette.Batch<unknown>) => void = () => {},
): Flechette.Column<unknown> {
  const BatchOfType = flechette.batchType(type) as unknown as new (
    options: BatchFields & { type: Flechette.DataType },
  ) => Flechette.Batch<unknown>;
  const batch = new BatchOfType({ ...fields, type });
  complete(batch);
  return new flechette.Column([batch], type);
}

/** A bit for each row, lowest first, and how many rows have none. */
function validityOf(length: number, isValid: (row: number) => boolean): { validity: Uint8Array; nullCount: number } {
  const validity = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (isValid(row)) validity[row >> 3]! |= 1 << (row & 7);
    else nullCount++;
  }
  return { validity, nullCount };
}
