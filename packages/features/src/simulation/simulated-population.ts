import type { Random } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';

/**
 * The customers and terminals behind simulated transactions, as the Fraud Detection Handbook makes them: both lie anywhere on a square
 * map with sides of 100; a customer pays at terminals within a radius, has a mean amount between 5 and 100, and makes 0 to 4
 * transactions a day on average.
 */
export interface SimulatedPopulation {
  /** Mean amount of each customer; the standard deviation is half of it. */
  readonly meanAmounts: Float64Array;
  /** Running sums of the customers' transactions a day, for drawing a customer in proportion to their activity. */
  readonly cumulativeRates: Float64Array;
  /** Customer `c` reaches the terminals `reachable` [reachableFrom[c], reachableFrom[c + 1]). */
  readonly reachableFrom: Uint32Array;
  readonly reachable: Uint32Array;
}

const MAP_SIDE = 100;

const MAX_REACHABLE = 20_000_000;

/**
 * Draws a population. A customer who reaches no terminal makes no transactions.
 *
 * @throws {FeatureError} INVALID_OPTION when the customers together reach more than 20,000,000 terminals
 */
export function simulatePopulation(customers: number, terminals: number, radius: number, random: Random): SimulatedPopulation {
  const customerMap = randomPoints(customers, random.fork('customer places'));
  const terminalMap = randomPoints(terminals, random.fork('terminal places'));
  const habits = random.fork('habits');
  const meanAmounts = new Float64Array(customers);
  const cumulativeRates = new Float64Array(customers);
  const reachableFrom = new Uint32Array(customers + 1);
  const terminalsNear = nearbyPoints(terminalMap, radius);
  const reachable: number[] = [];
  let rateSum = 0;
  for (let customer = 0; customer < customers; customer++) {
    meanAmounts[customer] = habits.between(5, 100);
    const transactionsPerDay = habits.between(0, 4);
    terminalsNear(customerMap.x[customer]!, customerMap.y[customer]!, reachable);
    if (reachable.length > MAX_REACHABLE) throw tooManyReachable(radius);
    reachableFrom[customer + 1] = reachable.length;
    if (reachable.length > reachableFrom[customer]!) rateSum += transactionsPerDay;
    cumulativeRates[customer] = rateSum;
  }
  return { meanAmounts, cumulativeRates, reachableFrom, reachable: Uint32Array.from(reachable) };
}

/** A customer, drawn in proportion to their transactions a day. */
export function drawCustomer({ cumulativeRates }: SimulatedPopulation, random: Random): number {
  const target = random.next() * cumulativeRates.at(-1)!;
  let low = 0;
  let high = cumulativeRates.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulativeRates[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** One of the terminals that a customer reaches. */
export function drawTerminal({ reachable, reachableFrom }: SimulatedPopulation, customer: number, random: Random): number {
  const from = reachableFrom[customer]!;
  return reachable[from + random.integer(reachableFrom[customer + 1]! - from)]!;
}

function tooManyReachable(radius: number): FeatureError {
  const message = `simulateTransactions: radius is ${radius}, which gives the customers more than ${MAX_REACHABLE} terminals in reach; lower radius, customers or terminals`;
  return new FeatureError('INVALID_OPTION', message, { option: 'radius', value: radius });
}

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

function randomPoints(count: number, random: Random): Points {
  const x = Float64Array.from({ length: count }, () => random.between(0, MAP_SIDE));
  const y = Float64Array.from({ length: count }, () => random.between(0, MAP_SIDE));
  return { x, y };
}

/** A function that adds the points closer than `radius` to a place; it looks only at the squares of a grid around that place. */
function nearbyPoints(points: Points, radius: number): (x: number, y: number, found: number[]) => void {
  // No finer than the points are dense, or a small radius would make mostly empty squares.
  const squaresPerSide = Math.max(1, Math.floor(Math.min(MAP_SIDE / radius, Math.sqrt(points.x.length))));
  const squareOf = (coordinate: number) => Math.min(squaresPerSide - 1, Math.floor((coordinate / MAP_SIDE) * squaresPerSide));
  const squares: number[][] = Array.from({ length: squaresPerSide * squaresPerSide }, () => []);
  points.x.forEach((x, point) => squares[squareOf(x) * squaresPerSide + squareOf(points.y[point]!)]!.push(point));
  return (x, y, found) => {
    for (let column = Math.max(0, squareOf(x) - 1); column <= Math.min(squaresPerSide - 1, squareOf(x) + 1); column++) {
      for (let line = Math.max(0, squareOf(y) - 1); line <= Math.min(squaresPerSide - 1, squareOf(y) + 1); line++) {
        for (const point of squares[column * squaresPerSide + line]!) {
          if ((points.x[point]! - x) ** 2 + (points.y[point]! - y) ** 2 < radius ** 2) found.push(point);
        }
      }
    }
  };
}
