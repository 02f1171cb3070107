/**
 * As much of FlatBuffers (flatbuffers.dev, "FlatBuffer Internals") as it takes to find the fields and the lists of a table in bytes that
 * may be damaged. Reading outside the bytes throws a RangeError, since everything goes through a DataView.
 */

/** Where a field of a table is, by its number; undefined when it has its default. */
export type Fields = (field: number) => number | undefined;

/** The fields of the table to which the offset at a position leads. */
export function fieldsOf(view: DataView, at: number): Fields {
  const table = at + view.getInt32(at, true);
  const offsets = table - view.getInt32(table, true);
  const bytes = view.getUint16(offsets, true);
  return (field) => {
    const entry = 4 + 2 * field;
    const offset = entry < bytes ? view.getUint16(offsets + entry, true) : 0;
    return offset === 0 ? undefined : table + offset;
  };
}

/**
 * The positions of the elements of a list, none when the field is not there.
 * @throws {Error} when the list is longer than the bytes, before it takes any memory
 */
export function elementsAt(view: DataView, at: number | undefined, elementBytes: number): number[] {
  if (at === undefined) return [];
  const list = at + view.getInt32(at, true);
  const count = view.getInt32(list, true);
  if (!(count >= 0 && list + 4 + count * elementBytes <= view.byteLength)) throw new Error('a list ends behind the data');
  return Array.from({ length: count }, (_, i) => list + 4 + i * elementBytes);
}

/** A whole number of 64 bits, as a number; 0 when the field is not there. */
export function int64At(view: DataView, at: number | undefined): number {
  return at === undefined ? 0 : Number(view.getBigInt64(at, true));
}
