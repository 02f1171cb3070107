/**
 * Whether a column's numbers are counted, as money and pieces are, or measured, as places and scores are. Only what is counted gets a smallest
 * value and a resolution from a sample: that a few thousand latitudes are above 0, or have six decimals, says nothing about the next one.
 */
import type { ColumnFacts } from './column-facts.js';

/**
 * A name that says amount, price, total or count decides for counted, then one that says place, score or share for measured; else whole
 * numbers and two decimals are counted, and everything else is measured.
 *
 * @example isCounted(columnFacts('HOME_LATITUDE', table.column('HOME_LATITUDE'))); // false, also when all are whole
 */
export function isCounted({ name, isWhole, resolution }: Pick<ColumnFacts, 'name' | 'isWhole' | 'resolution'>): boolean {
  if (saysCounted(name)) return true;
  return !saysMeasured(name) && (isWhole || resolution === 0.01);
}

/** Whether the name says that the numbers are money or pieces. `ACCOUNT` and `COUNTRY` hold the letters of "count" by chance. */
const saysCounted = (name: string) => /amount|amt|price|total|betrag|quantity|(^|[^c])count(?!r|y)/i.test(name);

/** Whether the name says that the numbers are places, scores, shares or the like. */
export const saysMeasured = (name: string) =>
  /latitude|longitude|coord|altitude|distance|score|ratio|percent|temperature|speed|probability/i.test(name) ||
  /(^|[_\W])(lat|lon|lng|long|rate|share|x|y)([_\W\d]|$)/i.test(name) ||
  /[a-z](Lat|Lon|Lng|Long|Rate|Share)$/.test(name);
