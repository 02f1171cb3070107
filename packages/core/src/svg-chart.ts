/**
 * What the charts of all reports are drawn with: inline SVG with axes, whose colours come from the page's style sheet by class, so that
 * one drawing serves light, dark and paper.
 *
 * A frame says where the axes lie in the drawing's own units. A position on an axis is a share of its length: 0 is left or bottom, 1 is
 * right or top. Numbers must be finite; callers leave out what they don't know.
 */
import { type Html, html } from './html-template.js';

/** Size of a drawing and its margins, in its own units; a browser scales them. */
export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A labelled position on an axis. */
export interface ChartTick {
  /** 0 to 1 along the axis. */
  readonly at: number;
  readonly text: string;
}

/**
 * A drawing with a title that screen readers speak.
 *
 * @param marks what is drawn, the lowest first; undefined leaves nothing
 * @param stretch true fills the space given, false keeps the proportions
 */
export function svgChart(
  frame: ChartFrame,
  title: string,
  className: string,
  marks: readonly (Html | undefined)[],
  stretch = false,
): Html {
  const ratio = stretch ? 'none' : 'xMidYMid meet';
  const drawn = marks.filter((mark) => mark !== undefined);
  return html`<svg class="${className}" viewBox="0 0 ${frame.width} ${frame.height}" preserveAspectRatio="${ratio}" role="img" aria-label="${title}">${drawn}</svg>`;
}

/** Distance from the drawing's left edge, to a hundredth. */
export function chartX(frame: ChartFrame, share: number): number {
  return hundredths(frame.left + share * (frame.width - frame.left - frame.right));
}

/** Distance from the drawing's top edge, to a hundredth. */
export function chartY(frame: ChartFrame, share: number): number {
  return hundredths(frame.height - frame.bottom - share * (frame.height - frame.top - frame.bottom));
}

/** A straight line between two positions. */
export function chartLine(frame: ChartFrame, className: string, fromX: number, fromY: number, toX: number, toY: number): Html {
  return html`<line class="${className}" x1="${chartX(frame, fromX)}" y1="${chartY(frame, fromY)}" x2="${chartX(frame, toX)}" y2="${chartY(frame, toY)}"/>`;
}

/** A filled rectangle from `from` to `to` and from `low` to `high`. */
export function chartRectangle(frame: ChartFrame, className: string, from: number, to: number, low: number, high: number): Html {
  const left = chartX(frame, from);
  const top = chartY(frame, high);
  return html`<rect class="${className}" x="${left}" y="${top}" width="${hundredths(chartX(frame, to) - left)}" height="${hundredths(chartY(frame, low) - top)}"/>`;
}

/** Line and ticks below the drawing. */
export function bottomAxis(frame: ChartFrame, ticks: readonly ChartTick[]): Html {
  const bottom = frame.height - frame.bottom;
  return html`${chartLine(frame, 'axis', 0, 0, 1, 0)}${ticks.map(({ at, text }) => {
    const left = chartX(frame, at);
    return html`<line class="axis" x1="${left}" x2="${left}" y1="${bottom}" y2="${bottom + 4}"/><text x="${left}" y="${bottom + 18}" text-anchor="middle">${text}</text>`;
  })}`;
}

/** Labels to the left of the drawing, each with a line across it. */
export function leftAxis(frame: ChartFrame, ticks: readonly ChartTick[]): Html {
  return html`${ticks.map(
    ({ at, text }) =>
      html`${chartLine(frame, 'grid', 0, at, 1, at)}<text x="${frame.left - 8}" y="${hundredths(chartY(frame, at) + 4)}" text-anchor="end">${text}</text>`,
  )}`;
}

/** A share as an axis writes it. @example formatTickShare(0.025); // '2.5%' */
export function formatTickShare(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}

/** A length rounded to a hundredth: more digits would make pages larger and no drawing better. */
export function hundredths(length: number): number {
  return Math.round(length * 100) / 100 + 0;
}
