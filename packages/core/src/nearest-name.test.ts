import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.js';

const NAMES = ['trees', 'depth', 'learningRate', 'l1', 'l2', 'minRowsPerLeaf', 'maxLeaves', 'seed'];

describe('nearestName', () => {
  it.each([
    ['learningrate', 'learningRate'],
    ['learning_rate', 'learningRate'],
    ['max-leaves', 'maxLeaves'],
    ['tree', 'trees'],
    ['depht', 'depth'],
    ['maxDepth', 'depth'],
    ['minRows', 'minRowsPerLeaf'],
    ['sead', 'seed'],
  ])('takes %s for %s', (name, meant) => expect(nearestName(name, NAMES)).toBe(meant));

  it.each(['lr', 'verbose', 'x', '', 'e'.repeat(1e5)])('takes %s for none', (name) =>
    expect(nearestName(name, NAMES)).toBeUndefined(),
  );

  it('finds a name after any one mistake in a long one', () => {
    const mistakes = fc.oneof(
      fc.nat(11).map((i) => (name: string) => name.slice(0, i) + name.slice(i + 1)),
      fc.tuple(fc.nat(12), fc.constantFrom('x', 'q')).map(
        ([i, added]) =>
          (name: string) =>
            name.slice(0, i) + added + name.slice(i),
      ),
      fc.nat(10).map((i) => (name: string) => name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2)),
    );
    fc.assert(fc.property(mistakes, (mistake) => nearestName(mistake('learningRate'), NAMES) === 'learningRate'));
  });
});
