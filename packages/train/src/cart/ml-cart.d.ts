/** What is used of ml-cart 2.1, which ships no types. */
declare module 'ml-cart' {
  export class DecisionTreeClassifier {
    constructor(options: {
      readonly gainFunction: 'gini';
      readonly maxDepth: number;
      /** A node of so many rows or fewer is a leaf. */
      readonly minNumSamples: number;
      /** A split must gain more. */
      readonly gainThreshold: number;
    });
    train(rows: readonly (readonly number[])[], labels: readonly number[]): void;
    readonly root: DecisionTreeNode;
  }

  /** Children are both there or neither. */
  export interface DecisionTreeNode {
    readonly left?: DecisionTreeNode;
    readonly right?: DecisionTreeNode;
    readonly splitColumn: number;
    /** Smaller values go left. */
    readonly splitValue: number;
  }
}
