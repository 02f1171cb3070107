/**
 * Turns columns of float32 values into bins, in AssemblyScript. `src/boosting/plain-binning.ts` holds the same functions in TypeScript, says
 * what each of them does, and is the oracle: both must leave the same bytes behind. Arguments named like places are addresses in bytes.
 */

const DIGIT_BITS: u32 = 11;
const DIGITS: u32 = 2048;
const CELLS: u32 = 65536;
const NOT_A_NUMBER: u32 = 0x7f80;

export function sortKeys(values: usize, count: i32, keys: usize): i32 {
  let to = keys;
  const stop = values + (<usize>count << 2);
  for (let at = values; at < stop; at += 4) {
    const bits = load<u32>(at);
    store<u32>(to, bits ^ (<u32>(<i32>bits >> 31) | 0x80000000));
    to += <usize>((bits & 0x7fffffff) <= 0x7f800000) << 2;
  }
  return <i32>((to - keys) >> 2);
}

export function sortByKeys(keys: usize, other: usize, count: i32, digits: usize): usize {
  memory.fill(digits, 0, 3 * DIGITS * 4);
  const stop = keys + (<usize>count << 2);
  for (let at = keys; at < stop; at += 4) {
    const key = load<u32>(at);
    const low = digits + ((key & (DIGITS - 1)) << 2);
    store<u32>(low, load<u32>(low) + 1);
    const middle = digits + (((key >> DIGIT_BITS) & (DIGITS - 1)) << 2);
    store<u32>(middle, load<u32>(middle, 8192) + 1, 8192);
    const high = digits + ((key >> (2 * DIGIT_BITS)) << 2);
    store<u32>(high, load<u32>(high, 16384) + 1, 16384);
  }
  let from = keys;
  let to = other;
  for (let pass: u32 = 0; pass < 3; pass++) {
    const shift = pass * DIGIT_BITS;
    const places = digits + pass * DIGITS * 4;
    // All have the same digit, so they are in order.
    if (count == 0 || load<u32>(places + (((load<u32>(from) >> shift) & (DIGITS - 1)) << 2)) == <u32>count) continue;
    scatter(from, to, count, shift, places);
    const swapped = from;
    from = to;
    to = swapped;
  }
  for (let at = from; at < from + (<usize>count << 2); at += 4) {
    const key = load<u32>(at);
    store<u32>(at, key ^ (((key >> 31) - 1) | 0x80000000));
  }
  return from;
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function scatter(from: usize, to: usize, count: i32, shift: u32, places: usize): void {
  let place = to;
  for (let at = places; at < places + DIGITS * 4; at += 4) {
    const size = load<u32>(at);
    store<u32>(at, <u32>place);
    place += size << 2;
  }
  const stop = from + (<usize>count << 2);
  for (let at = from; at < stop; at += 4) {
    const key = load<u32>(at);
    const digit = places + (((key >> shift) & (DIGITS - 1)) << 2);
    const target = load<u32>(digit);
    store<u32>(target, key);
    store<u32>(digit, target + 4);
  }
}

export function fillCells(cells: usize, bounds: usize, missingBin: i32): void {
  memory.fill(cells, <u8>missingBin, CELLS);
  let bin: u32 = 0;
  for (let cell = 0x8000 + NOT_A_NUMBER - 1; cell >= 0x8000; cell--) {
    bin = firstBin(reinterpret<f32>((cell << 16) | 0xffff), bounds, bin);
    store<u8>(cells + cell, <u8>bin);
  }
  for (let cell: u32 = 0; cell < NOT_A_NUMBER; cell++) {
    bin = firstBin(reinterpret<f32>(cell << 16), bounds, bin);
    store<u8>(cells + cell, <u8>bin);
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function firstBin(value: f32, bounds: usize, from: u32): u32 {
  let bin = from;
  while (value > load<f32>(bounds + (<usize>bin << 2))) bin++;
  return bin;
}

export function binValues(values: usize, count: i32, cells: usize, bounds: usize, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const at = values + (i << 2);
    const value = load<f32>(at);
    let bin: u32 = load<u8>(cells + (load<u32>(at) >>> 16));
    // The first step without a branch, since whether it is taken can't be foreseen; more are rare.
    bin += <u32>(value > load<f32>(bounds + (<usize>bin << 2)));
    bin = firstBin(value, bounds, bin);
    store<u8>(bins + i, <u8>bin);
  }
}

export function turn(rows: usize, rowStride: i32, column: usize, count: i32, step: i32, adds: i32): void {
  let to = rows;
  const stop = column + <usize>count;
  if (adds == 0) {
    for (let at = column; at < stop; at++) {
      store<u8>(to, load<u8>(at));
      to += rowStride;
    }
  } else {
    for (let at = column; at < stop; at++) {
      store<u8>(to, <u8>(<i32>load<u8>(to) + step * <i32>load<u8>(at)));
      to += rowStride;
    }
  }
}
