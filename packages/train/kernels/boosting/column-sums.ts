/**
 * Sums of pairs by column of the binned rows, and from columns to the features that share them. Part of `grow-trees.ts`; see there.
 *
 * Sixteen columns are added to in one pass over a block of rows. Their numbers are written out, since only constants cost no instruction.
 */

/** Bytes of a column's sums: 256 pairs, and a line of the cache more, so that columns don't compete for the same places in it. */
const COLUMN_BYTES: usize = 2112;

export function addToColumns(
  columns: usize,
  rows: usize,
  rowStride: i32,
  derivatives: usize,
  index: usize,
  start: i32,
  end: i32,
  firstColumn: i32,
  endColumn: i32,
  block: usize,
  blockRows: i32,
): void {
  const sums = columns + <usize>firstColumn * COLUMN_BYTES;
  const columnCount = endColumn - firstColumn;
  if (index == 0) {
    for (let row = start; row < end; row += blockRows) {
      const count = min(blockRows, end - row);
      addRows(sums, rows + <usize>row * rowStride + firstColumn, rowStride, derivatives + (<usize>row << 3), count, columnCount);
    }
    return;
  }
  const pairs = block + <usize>blockRows * rowStride;
  for (let i = start; i < end; i += blockRows) {
    const count = min(blockRows, end - i);
    const at = index + (<usize>i << 2);
    if (rowStride == 32) gather32(block, rows, pairs, derivatives, at, count);
    else gather(block, rows, rowStride, pairs, derivatives, at, count);
    addRows(sums, block + firstColumn, rowStride, pairs, count, columnCount);
  }
}

/** Copies the rows side by side: many reads far apart under way at once, and what follows finds everything in the first cache. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function gather(block: usize, rows: usize, rowStride: i32, pairs: usize, derivatives: usize, index: usize, count: i32): void {
  let to = block;
  for (let i = 0; i < count; i++) {
    const row = <usize>load<u32>(index + (<usize>i << 2));
    store<i64>(pairs + (<usize>i << 3), load<i64>(derivatives + (row << 3)));
    const from = rows + row * rowStride;
    for (let at: usize = 0; at < <usize>rowStride; at += 16) v128.store(to + at, v128.load(from + at));
    to += rowStride;
  }
}

/** The same for rows of 17 to 32 columns, as are common. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function gather32(block: usize, rows: usize, pairs: usize, derivatives: usize, index: usize, count: i32): void {
  let to = block;
  let pair = pairs;
  const stop = index + (<usize>count << 2);
  for (let at = index; at < stop; at += 4) {
    const row = <usize>load<u32>(at);
    const from = rows + (row << 5);
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    store<i64>(pair, load<i64>(derivatives + (row << 3)));
    to += 32;
    pair += 8;
  }
}

/** Sixteen columns a pass, and those left over by eight, four, two and one. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function addRows(columns: usize, rows: usize, rowStride: i32, pairs: usize, count: i32, columnCount: i32): void {
  const stop = pairs + (<usize>count << 3);
  let sums = columns;
  let from = rows;
  for (let left = columnCount; left >= 16; left -= 16) {
    addColumns<v128>(sums, from, rowStride, pairs, stop);
    sums += 16 * COLUMN_BYTES;
    from += 16;
  }
  if (columnCount & 8) {
    addColumns<u64>(sums, from, rowStride, pairs, stop);
    sums += 8 * COLUMN_BYTES;
    from += 8;
  }
  if (columnCount & 4) {
    addColumns<u32>(sums, from, rowStride, pairs, stop);
    sums += 4 * COLUMN_BYTES;
    from += 4;
  }
  if (columnCount & 2) {
    addColumns<u16>(sums, from, rowStride, pairs, stop);
    sums += 2 * COLUMN_BYTES;
    from += 2;
  }
  if (columnCount & 1) addColumns<u8>(sums, from, rowStride, pairs, stop);
}

/**
 * Adds each row's pair to as many columns as a row of type `Columns` has bytes: sixteen of v128, one of u8. The compiler knows the sizes of
 * types, and leaves out what is for more columns.
 */
// @ts-ignore: decorators are AssemblyScript's
@inline
function addColumns<Columns>(sums: usize, rows: usize, rowStride: i32, pairs: usize, stop: usize): void {
  let from = rows;
  let at = pairs;
  do {
    const pair = load<i64>(at);
    const at0 = sums + (<usize>load<u8>(from) << 3);
    store<i64>(at0, load<i64>(at0) + pair);
    if (sizeof<Columns>() >= 2) {
      const at1 = sums + (<usize>load<u8>(from, 1) << 3);
      store<i64>(at1, load<i64>(at1, COLUMN_BYTES) + pair, COLUMN_BYTES);
    }
    if (sizeof<Columns>() >= 4) {
      const at2 = sums + (<usize>load<u8>(from, 2) << 3);
      store<i64>(at2, load<i64>(at2, 2 * COLUMN_BYTES) + pair, 2 * COLUMN_BYTES);
      const at3 = sums + (<usize>load<u8>(from, 3) << 3);
      store<i64>(at3, load<i64>(at3, 3 * COLUMN_BYTES) + pair, 3 * COLUMN_BYTES);
    }
    if (sizeof<Columns>() >= 8) {
      const at4 = sums + (<usize>load<u8>(from, 4) << 3);
      store<i64>(at4, load<i64>(at4, 4 * COLUMN_BYTES) + pair, 4 * COLUMN_BYTES);
      const at5 = sums + (<usize>load<u8>(from, 5) << 3);
      store<i64>(at5, load<i64>(at5, 5 * COLUMN_BYTES) + pair, 5 * COLUMN_BYTES);
      const at6 = sums + (<usize>load<u8>(from, 6) << 3);
      store<i64>(at6, load<i64>(at6, 6 * COLUMN_BYTES) + pair, 6 * COLUMN_BYTES);
      const at7 = sums + (<usize>load<u8>(from, 7) << 3);
      store<i64>(at7, load<i64>(at7, 7 * COLUMN_BYTES) + pair, 7 * COLUMN_BYTES);
    }
    if (sizeof<Columns>() >= 16) {
      const at8 = sums + (<usize>load<u8>(from, 8) << 3);
      store<i64>(at8, load<i64>(at8, 8 * COLUMN_BYTES) + pair, 8 * COLUMN_BYTES);
      const at9 = sums + (<usize>load<u8>(from, 9) << 3);
      store<i64>(at9, load<i64>(at9, 9 * COLUMN_BYTES) + pair, 9 * COLUMN_BYTES);
      const at10 = sums + (<usize>load<u8>(from, 10) << 3);
      store<i64>(at10, load<i64>(at10, 10 * COLUMN_BYTES) + pair, 10 * COLUMN_BYTES);
      const at11 = sums + (<usize>load<u8>(from, 11) << 3);
      store<i64>(at11, load<i64>(at11, 11 * COLUMN_BYTES) + pair, 11 * COLUMN_BYTES);
      const at12 = sums + (<usize>load<u8>(from, 12) << 3);
      store<i64>(at12, load<i64>(at12, 12 * COLUMN_BYTES) + pair, 12 * COLUMN_BYTES);
      const at13 = sums + (<usize>load<u8>(from, 13) << 3);
      store<i64>(at13, load<i64>(at13, 13 * COLUMN_BYTES) + pair, 13 * COLUMN_BYTES);
      const at14 = sums + (<usize>load<u8>(from, 14) << 3);
      store<i64>(at14, load<i64>(at14, 14 * COLUMN_BYTES) + pair, 14 * COLUMN_BYTES);
      const at15 = sums + (<usize>load<u8>(from, 15) << 3);
      store<i64>(at15, load<i64>(at15, 15 * COLUMN_BYTES) + pair, 15 * COLUMN_BYTES);
    }
    from += rowStride;
    at += 8;
  } while (at < stop);
}

export function takeFromColumns(histogram: usize, columns: usize, features: usize, owned: usize, ownedCount: i32): void {
  for (let i = 0; i < ownedCount; i++) {
    const entry = features + (<usize>load<u32>(owned + (<usize>i << 2)) << 5);
    const to = histogram + load<u32>(entry);
    const bins = load<u32>(entry, 4) + 2;
    const from = columns + load<u32>(entry, 8);
    const step = load<u32>(entry, 12);
    const codes = load<u32>(entry, 16);
    if (bins == codes) move(to, from, codes << 3);
    else sumOthers(to, from, bins, step, codes);
    // The last of the features that share a column.
    if (load<u32>(entry, 20) != 0) memory.fill(from, 0, codes << 3);
  }
}

/** Copies, and leaves zeros behind. Both are whole vectors, and zero behind their ends. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function move(to: usize, from: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(to + at, v128.load(from + at));
    v128.store(from + at, i64x2.splat(0));
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function sumOthers(to: usize, from: usize, bins: usize, step: usize, codes: usize): void {
  for (let bin: usize = 0; bin < bins; bin++) {
    let sum: i64 = 0;
    for (let first = bin * step; first < codes; first += bins * step) {
      for (let code = first; code < first + step; code++) sum += load<i64>(from + (code << 3));
    }
    store<i64>(to + (bin << 3), sum);
  }
}

export function addCounts(
  counts: usize,
  columns: usize,
  columnStride: i32,
  index: usize,
  start: i32,
  end: i32,
  features: usize,
  owned: usize,
  ownedCount: i32,
): void {
  for (let each = 0; each < ownedCount; each++) {
    const feature = <usize>load<u32>(owned + (<usize>each << 2));
    const column = columns + feature * columnStride;
    const first = counts + (load<u32>(features + (feature << 5)) >>> 1);
    for (let i = start; i < end; i++) {
      const row = index == 0 ? <usize>i : <usize>load<u32>(index + (<usize>i << 2));
      const at = first + (<usize>load<u8>(column + row) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
}
