import type { Random } from '@fraudops/core';

/** Sides of the square map. */
const MAP_SIDE = 100;

/** Points on the map by number. */
export interface MapPoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Points anywhere on a square map with sides of 100. */
export function randomPoints(count: number, random: Random): MapPoints {
  const x = Float64Array.from({ length: count }, () => random.between(0, MAP_SIDE));
  const y = Float64Array.from({ length: count }, () => random.between(0, MAP_SIDE));
  return { x, y };
}

/** A function that calls `found` with the points closer than `radius` to a place; it looks only at the squares of a grid around that place. */
export function nearbyPoints(points: MapPoints, radius: number): (x: number, y: number, found: (point: number) => void) => void {
  // No finer than the points are dense, or a small radius would make mostly empty squares.
  const squaresPerSide = Math.max(1, Math.floor(Math.min(MAP_SIDE / radius, Math.sqrt(points.x.length))));
  const squareOf = (coordinate: number) => Math.min(squaresPerSide - 1, Math.floor((coordinate / MAP_SIDE) * squaresPerSide));
  const squares: number[][] = Array.from({ length: squaresPerSide * squaresPerSide }, () => []);
  points.x.forEach((x, point) => squares[squareOf(x) * squaresPerSide + squareOf(points.y[point]!)]!.push(point));
  return (x, y, found) => {
    for (let column = Math.max(0, squareOf(x) - 1); column <= Math.min(squaresPerSide - 1, squareOf(x) + 1); column++) {
      for (let line = Math.max(0, squareOf(y) - 1); line <= Math.min(squaresPerSide - 1, squareOf(y) + 1); line++) {
        for (const point of squares[column * squaresPerSide + line]!) {
          if ((points.x[point]! - x) ** 2 + (points.y[point]! - y) ** 2 < radius ** 2) found(point);
        }
      }
    }
  };
}
