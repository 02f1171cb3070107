/**
 * The forms that models have, made from their parts, without what reads, imports and stores models. It is an entry of its own for programs
 * that make models and no more, such as the threads that train: they start sooner, since neither zod nor protobuf is loaded.
 *
 * @packageDocumentation
 */
export * from './linear-model.js';
export * from './logistic.js';
export * from './model-limits.js';
export { type TreeArrays } from './tree-arrays.js';
export { type TreeModel, type TreeModelParts, treeModel } from './tree-model.js';
