/**
 * Reads a model from plain data. The data may come from anywhere: every rule of the model's form is checked, sizes before contents, and
 * members this release does not know are refused, since ignoring one could change scores.
 */
import { showValue } from '@fraudops/core';
import { z } from 'zod';
import type { Calibration } from './calibration.js';
import { linearModel } from './linear-model.js';
import { requireLink } from './link.js';
import { ModelError } from './model-error.js';
import { type Model, requireFeatureNames } from './model.js';
import type { TreeArrays } from './tree-arrays.js';
import { requireCategoryCount, requireNodeCount, requireTreeCount, treeModel } from './tree-model.js';

// Long arrays are only recognised here: zod would copy and check their entries before it looks at their length.
const array = z.custom<readonly unknown[]>(Array.isArray, 'expected an array');

const calibrationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('platt'), slope: z.number(), intercept: z.number() }),
  z.strictObject({ kind: z.literal('isotonic'), margins: array, probabilities: array }),
  z.strictObject({ kind: z.literal('prior'), logOddsShift: z.number() }),
]);

const envelope = {
  format: z.literal('fraudops.model'),
  formatVersion: z.literal(1),
  featureNames: array,
  calibration: calibrationSchema.optional(),
};

const modelSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...envelope, kind: z.literal('linear'), intercept: z.number(), weights: array, missingValues: array }),
  z.strictObject({ ...envelope, kind: z.literal('trees'), baseMargin: z.number(), link: z.string().optional(), trees: array }),
]);

const treeSchema = z.strictObject({
  feature: array,
  threshold: array,
  left: array,
  right: array,
  missingLeft: array,
  value: array,
  cover: array,
  categoryStarts: array.optional(),
  categories: array.optional(),
  zeroIsMissing: array.optional(),
});

/**
 * The model that `model.toJson()` described; it scores the same, bit for bit.
 *
 * @param json parsed JSON, trusted in nothing
 * @throws {ModelError} INVALID_MODEL naming the place and the rule, UNSUPPORTED_VERSION, TOO_LARGE
 * @example modelFromJson(JSON.parse(JSON.stringify(model.toJson()))).score(row) === model.score(row); // true
 */
export function modelFromJson(json: unknown): Model {
  const version = (json as { formatVersion?: unknown } | null | undefined)?.formatVersion;
  if (typeof version === 'number' && version !== 1) {
    throw new ModelError('UNSUPPORTED_VERSION', `model: format version ${version}, this release reads 1; use a newer release`, {
      details: { version },
    });
  }
  const parsed = parse('model', modelSchema, json);
  const featureNames = requireFeatureNames(parsed.featureNames);
  // Lengths and numbers are checked where the model is made.
  const calibration = parsed.calibration as Calibration | undefined;
  if (parsed.kind === 'linear') {
    const { intercept } = parsed;
    // linearModel checks lengths, then every number.
    return linearModel({
      featureNames,
      intercept,
      weights: parsed.weights as number[],
      missingValues: parsed.missingValues as number[],
      calibration,
    });
  }
  requireTreeCount(parsed.trees.length);
  let nodeCount = 0;
  let categoryCount = 0;
  // Unlike map, Array.from does not pass over holes.
  const trees = Array.from(parsed.trees, (tree, i) => {
    const arrays = parse(`trees[${i}]`, treeSchema, tree);
    requireNodeCount((nodeCount += arrays.feature.length));
    requireCategoryCount((categoryCount += arrays.categories?.length ?? 0));
    return treeFromArrays(`trees[${i}]`, arrays);
  });
  const link = parsed.link === undefined ? {} : { link: requireLink(parsed.link) };
  return treeModel({ featureNames, baseMargin: parsed.baseMargin, trees, calibration, ...link });
}

function parse<Schema extends z.ZodType>(what: string, schema: Schema, json: unknown): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const place = [what, ...issue.path.map(String)].join('.');
  throw new ModelError('INVALID_MODEL', `${place}: ${issue.message}`, { details: { place, issue: issue.code } });
}

function treeFromArrays(what: string, arrays: z.infer<typeof treeSchema>): TreeArrays {
  const nodeCount = arrays.feature.length;
  const fill = <To extends NumberArray>(name: keyof typeof arrays, to: To): To =>
    fillExactly(`${what}.${name}`, arrays[name]!, to);
  return {
    feature: fill('feature', new Int32Array(nodeCount)),
    threshold: fill('threshold', new Float32Array(nodeCount)),
    left: fill('left', new Int32Array(nodeCount)),
    right: fill('right', new Int32Array(nodeCount)),
    missingLeft: fill('missingLeft', new Uint8Array(nodeCount)),
    value: fill('value', new Float64Array(nodeCount)),
    cover: fill('cover', new Float64Array(nodeCount)),
    ...(arrays.categoryStarts && { categoryStarts: fill('categoryStarts', new Int32Array(nodeCount + 1)) }),
    ...(arrays.categories && { categories: fill('categories', new Int32Array(arrays.categories.length)) }),
    ...(arrays.zeroIsMissing && { zeroIsMissing: fill('zeroIsMissing', new Uint8Array(nodeCount)) }),
  };
}

type NumberArray = Int32Array | Float32Array | Uint8Array | Float64Array;

/** Copies numbers into a typed array, refusing any that the array would round, wrap or take for another. */
function fillExactly<To extends NumberArray>(what: string, from: readonly unknown[], to: To): To {
  if (from.length !== to.length) {
    throw new ModelError('INVALID_MODEL', `${what}: ${from.length} entries, expected ${to.length} for this tree`, {
      details: { what },
    });
  }
  for (let i = 0; i < to.length; i++) {
    const value = from[i];
    if (typeof value === 'number') to[i] = value;
    if (to[i] !== value) {
      throw new ModelError(
        'INVALID_MODEL',
        `${what}[${i}]: ${showValue(value)}, expected a number that fits ${to.constructor.name} exactly`,
        {
          details: { what, position: i },
        },
      );
    }
  }
  return to;
}
