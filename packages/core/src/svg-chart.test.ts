import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from './html-template.js';
import { bottomAxis, type ChartFrame, chartRectangle, chartX, chartY, formatTickShare, leftAxis, svgChart } from './svg-chart.js';

const FRAME: ChartFrame = { width: 120, height: 60, left: 10, right: 10, top: 5, bottom: 5 };

describe('svgChart', () => {
  it('escapes its title and leaves out what is not there', () => {
    const mark = html`<rect width="1" height="1"/>`;
    expect(svgChart(FRAME, '"><script>', 'chart', [mark, undefined]).toString()).toBe(
      '<svg class="chart" viewBox="0 0 120 60" preserveAspectRatio="xMidYMid meet" role="img" aria-label="&quot;&gt;&lt;script&gt;"><rect width="1" height="1"/></svg>',
    );
  });

  it('places shares between the margins, y upwards', () => {
    expect([chartX(FRAME, 0), chartX(FRAME, 1)]).toEqual([10, 110]);
    expect([chartY(FRAME, 0), chartY(FRAME, 1)]).toEqual([55, 5]);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (a, b) => {
        const rectangle = chartRectangle(FRAME, 'bar', Math.min(a, b), Math.max(a, b), 0, a).toString();
        const [x, y, width, height] = [...rectangle.matchAll(/ (?:x|y|width|height)="([^"]*)"/g)].map(([, text]) => Number(text));
        expect(width).toBeGreaterThanOrEqual(0);
        expect(height).toBeGreaterThanOrEqual(0);
        expect(x! + width!).toBeLessThanOrEqual(110.001);
        expect(y! + height!).toBeCloseTo(55, 6);
      }),
    );
  });

  it('writes axes', () => {
    const ticks = [{ at: 0.5, text: '<b>' }];
    expect(bottomAxis(FRAME, ticks).toString()).toContain('<text x="60" y="73" text-anchor="middle">&lt;b&gt;</text>');
    expect(leftAxis(FRAME, ticks).toString()).toContain('<text x="2" y="34" text-anchor="end">&lt;b&gt;</text>');
    expect([0, 0.025, 1 / 3].map(formatTickShare)).toEqual(['0%', '2.5%', '33.3333%']);
  });
});
