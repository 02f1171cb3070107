/** Bounds of every model, checked before its arrays are copied, so that a hostile file costs neither time nor memory. */

/** Most features of a model. */
export const MAX_FEATURES = 10_000;
/** Longest name of a feature, in characters. */
export const MAX_FEATURE_NAME_LENGTH = 200;
/** Most trees of a model. */
export const MAX_TREES = 20_000;
/** Most nodes of a model, over all its trees. */
export const MAX_NODES = 4_000_000;
/** Most category codes that splits list, over all trees of a model. */
export const MAX_LISTED_CATEGORIES = 4_000_000;
/** Largest code of a category: float32 holds every whole number up to it. */
export const MAX_CATEGORY_CODE = 16_777_215;
/** Longest path from a root to a leaf, in splits. */
export const MAX_TREE_DEPTH = 1_000;
/** Largest absolute value of a weight, an intercept, a base margin or a leaf: with it no sum of finite features overflows. */
export const MAX_MAGNITUDE = 1e100;
