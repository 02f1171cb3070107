/**
 * The swarm of a feature: one dot a row, placed by what the feature contributed to the row's margin, coloured by its value. Dots that would
 * cover one another are stacked. They are drawn as points of a few paths, one a colour, which keeps the page small.
 */
import {
  axisTicks,
  formatValue,
  html,
  type Html,
  hundredths,
  type ChartFrame,
  chartLine,
  chartX,
  svgChart,
} from '@fraudops/core';
import type { FeatureSwarm, SwarmPoint } from './attributions.js';

const STRIP: ChartFrame = { width: 520, height: 40, left: 6, right: 6, top: 0, bottom: 0 };
const AXIS: ChartFrame = { ...STRIP, height: 22 };

/** Colours from the lowest to the highest value. */
const LEVELS = 7;

/** Contributions from -reach to reach on all strips of a page; above 0. */
export function swarmReach(swarms: readonly FeatureSwarm[]): number {
  const reach = swarms.reduce(
    (most, { points }) => points.reduce((own, { contribution }) => Math.max(own, Math.abs(contribution)), most),
    0,
  );
  return reach > 0 ? reach : 1;
}

/** The scale over the strips. */
export function swarmAxis(reach: number): Html {
  const ticks = axisTicks(-reach, reach, 7).map((value) => {
    const left = chartX(AXIS, (value / reach + 1) / 2);
    return html`<line class="axis" x1="${left}" x2="${left}" y1="17" y2="22"/><text x="${left}" y="12" text-anchor="middle">${formatValue(value + 0)}</text>`;
  });
  return svgChart(AXIS, 'contribution', 'strip', ticks);
}

/** One feature's strip. */
export function swarmStrip({ name, points }: FeatureSwarm, reach: number): Html {
  const middle = STRIP.height / 2;
  const places = stacked(points, reach, middle);
  const colours = new Map<string, string[]>();
  points.forEach(({ level, isFraud }, i) => {
    const colour = level === null ? 'missing' : `level${Math.min(LEVELS - 1, Math.floor(level * LEVELS))}`;
    const className = `dot ${colour}${isFraud ? ' is-fraud' : ''}`;
    const own = colours.get(className);
    if (own) own.push(places[i]!);
    else colours.set(className, [places[i]!]);
  });
  const paths = [...colours]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([className, dots]) => html`<path class="${className}" d="${dots.join('')}"/>`);
  return svgChart(STRIP, `contributions of ${name}`, 'strip', [chartLine(STRIP, 'zero', 0.5, 0, 0.5, 1), ...paths]);
}

/** Columns of this width share a stack. */
const COLUMN_WIDTH = 4;
const DOT_HEIGHT = 3.6;

/** A point of a path for each row: outwards from the middle line, above and below in turns, closer where many stand together. */
function stacked(points: readonly SwarmPoint[], reach: number, middle: number): string[] {
  const columnOf = (contribution: number) => Math.round(chartX(STRIP, (contribution / reach + 1) / 2) / COLUMN_WIDTH);
  const heights = new Map<number, number>();
  for (const { contribution } of points) {
    const column = columnOf(contribution);
    heights.set(column, (heights.get(column) ?? 0) + 1);
  }
  const placed = new Map<number, number>();
  return points.map(({ contribution }) => {
    const column = columnOf(contribution);
    const height = heights.get(column)!;
    const place = placed.get(column) ?? 0;
    placed.set(column, place + 1);
    const step = Math.min(DOT_HEIGHT, (2 * (middle - 3)) / height);
    const offset = Math.ceil(place / 2) * step * (place % 2 === 0 ? 1 : -1);
    return `M${chartX(STRIP, (contribution / reach + 1) / 2)} ${hundredths(middle + offset)}h0`;
  });
}
