/** Milliseconds of so many days of 24 hours. @example days(7); // 604800000 */
export function days(count: number): number {
  return count * 86_400_000;
}

/** Milliseconds of so many hours. @example hours(6); // 21600000 */
export function hours(count: number): number {
  return count * 3_600_000;
}

/** Milliseconds of so many minutes. @example minutes(15); // 900000 */
export function minutes(count: number): number {
  return count * 60_000;
}
