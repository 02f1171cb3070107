/** Over random definitions and random streams, features computed over history are what a literal reading of their definitions gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineFeatures } from '../definitions/define-features.js';
import type { FeatureDefinition } from '../definitions/feature-definition.js';
import { literalFeature } from './literal-features.fixture.js';
import { longFeatures, longPayments, longStream } from './long-stream.fixture.js';
import { featureDefinitions, paymentTable, randomPayments, randomStreams, streamShapes } from './random-streams.fixture.js';
import { BLOCK_ROWS } from './window-bounds.js';

describe.each(streamShapes)('features over history of streams with %o', (shape) => {
  const payments = randomPayments(shape);

  it('are what a literal reading of the definitions gives', () => {
    fc.assert(
      fc.property(featureDefinitions, randomStreams(shape), (definitions, rows) => {
        const table = defineFeatures(payments, definitions).compute(paymentTable(rows, payments));
        const columns = Object.fromEntries(Object.keys(definitions).map((name) => [name, [...table.number(name)]]));
        for (const [name, definition] of Object.entries(definitions)) {
          const found = columns[name]!;
          if ('of' in definition) {
            const [left, right] = definition.of.map((part) => columns[part]!) as [number[], number[]];
            const combined = left.map((value, row) => (definition.type === 'ratio' ? value / right[row]! : value - right[row]!));
            expect(found).toEqual(
              combined.map((value, row) => (definition.type === 'ratio' && right[row] === 0 ? Number.NaN : value)),
            );
            continue;
          }
          const literal = rows.map((_, position) => literalFeature(definition, payments, rows, position));
          const isStd = definition.type === 'window' && definition.aggregate === 'std';
          expect([name, isStd ? roundedLike(found, literal) : found]).toEqual([name, literal]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('features over a long history', () => {
  it.each([0, 0.02])('are what a literal reading gives wherever blocks of rows end, %d of the transactions late', (lateShare) => {
    const rows = longStream(lateShare);
    const table = longFeatures.compute(paymentTable(rows, longPayments));
    const positions = [1, 2, 3, 4].flatMap((block) => [-2, -1, 0, 1].map((beside) => block * BLOCK_ROWS + beside));
    for (const [name, definition] of Object.entries<FeatureDefinition>(longFeatures.definitions)) {
      if ('of' in definition) continue;
      const literal = positions.map((position) => literalFeature(definition, longPayments, rows, position));
      const found = positions.map((position) => table.number(name)[position]!);
      expect([name, name === 'STD' ? roundedLike(found, literal) : found]).toEqual([name, literal]);
    }
  });
});

/** Values within 1e-12 of the expected ones, as these. */
function roundedLike(values: readonly number[], expected: readonly number[]): number[] {
  return values.map((value, i) => (Math.abs(value - expected[i]!) <= 1e-12 * Math.abs(expected[i]!) ? expected[i]! : value));
}
