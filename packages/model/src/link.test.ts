import { describe, expect, it } from 'vitest';
import { linkFunction, requireLink } from './link.js';
import { logistic } from './logistic.js';
import { modelFromJson } from './model-from-json.js';
import { treeModel } from './tree-model.js';

describe('linkFunction', () => {
  it('is the logistic function, the margin clipped to 0 to 1, or a power of 2', () => {
    expect(linkFunction('logistic')(1.5)).toBe(logistic(1.5));
    expect([-0.1, 0.25, 1.1].map(linkFunction('identity'))).toEqual([0, 0.25, 1]);
    expect([-3, -1, 0, 1].map(linkFunction('exp2'))).toEqual([0.125, 0.5, 1, 1]);
  });

  it('is part of a tree model and of its JSON', () => {
    for (const link of ['logistic', 'identity', 'exp2'] as const) {
      const model = treeModel({ featureNames: ['a'], baseMargin: -2, trees: [], link });
      expect(model.score([0])).toBe(linkFunction(link)(-2));
      expect(modelFromJson(JSON.parse(JSON.stringify(model.toJson()))).score([0])).toBe(model.score([0]));
    }
  });

  it('refuses other names', () => {
    expect(() => requireLink('probit')).toThrow('link: "probit", expected logistic, identity, exp2');
    expect(() => requireLink('constructor')).toThrow('link: "constructor"');
    expect(() =>
      modelFromJson({ ...(treeModel({ featureNames: ['a'], baseMargin: 0, trees: [] }).toJson() as object), link: 'cosine' }),
    ).toThrow('link: "cosine"');
  });
});
