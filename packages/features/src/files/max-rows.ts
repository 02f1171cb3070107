/** Most rows that the readers of this package take, where the caller names no other bound. */
export const MAX_ROWS = 50_000_000;
