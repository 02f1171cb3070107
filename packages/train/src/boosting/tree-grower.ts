/**
 * Grows one tree over binned rows. A split parts the node's rows, each member of the crew its own; then every member searches its share of
 * the features for the best splits of the two children. All members keep the same list of open nodes and take the same one next.
 *
 * The rows of a node are a range of each member's part of the index.
 */
import type { TreeArrays } from '@fraudops/model';
import type { BinTable } from './bin-table.js';
import type { BoostingRules } from './boosting-options.js';
import { featureShare } from './feature-share.js';
import { HistogramSlots, type RowRange } from './histogram-slots.js';
import { UNBOUNDED, type StepBounds, leafStep } from './leaf-strength.js';
import type { Quanta } from './quantised-gradients.js';
import type { RowSampling } from './row-sampling.js';
import { SplitFinder, isBetter } from './split-finder.js';
import { type NodeSums, type Split, readGain, readSplit, writeGoesLeft } from './split-record.js';
import type { CrewMember } from './training-crew.js';
import { RECORD_BYTES, type TrainingMemory } from './training-memory.js';
import { TreeWalk } from './tree-walk.js';
import { TreeWriter } from './tree-writer.js';

/** What a tree is grown on. */
export interface TreeTask {
  readonly quanta: Quanta;
  /** Positions of the features that it may split by, ascending. */
  readonly features: Int32Array;
  /** Started for this tree. */
  readonly sampling: RowSampling;
}

/** A node that may still be split. */
interface OpenNode extends RowRange, NodeSums {
  readonly node: number;
  readonly depth: number;
  readonly bounds: StepBounds;
  readonly split: Split | undefined;
  /** Its histogram; undefined when it can't be split, or slots are scarce. */
  readonly slot: number | undefined;
}

/** A node before its split is searched. */
type NewNode = Omit<OpenNode, 'split'>;

/** Largest float32: every finite value is at most this. */
const MAX_FLOAT32 = 3.4028234663852886e38;

/** Grows trees, one after the other, over the same rows. */
export class TreeGrower {
  readonly #memory: TrainingMemory;
  readonly #table: BinTable;
  readonly #rules: BoostingRules;
  readonly #member: CrewMember;
  readonly #slots: HistogramSlots;
  readonly #finder: SplitFinder;
  readonly #goesLeft: Uint8Array;
  readonly #rows: RowRange;
  /** Those that this member searches. */
  readonly #ownFeatures: ReadonlySet<number>;
  #writer = new TreeWriter();
  /** For rows that the tree does not learn from, if there are any. */
  #walk: TreeWalk | undefined;
  #quanta: Quanta = { gradient: 1, hessian: 1 };

  constructor(memory: TrainingMemory, table: BinTable, rules: BoostingRules, member: CrewMember) {
    this.#memory = memory;
    this.#table = table;
    this.#rules = rules;
    this.#member = member;
    const share = featureShare(table, member);
    this.#ownFeatures = new Set(share.features);
    this.#slots = new HistogramSlots(memory, table, member, share);
    this.#finder = new SplitFinder(memory, table, rules, member.index);
    const goesLeft = memory.layout.goesLeft + 256 * member.index;
    this.#goesLeft = memory.bytes.subarray(goesLeft, goesLeft + 256);
    const [start, end] = member.share(memory.layout.rowCount);
    this.#rows = { start, end };
  }

  /** A tree for the present gradients; adds its leaf to the margin of each row. A tree of one node means that no split gains anything. */
  grow({ quanta, features, sampling }: TreeTask): TreeArrays {
    this.#writer = new TreeWriter();
    this.#walk = sampling.takesAll ? undefined : new TreeWalk();
    this.#quanta = quanta;
    this.#finder.startTree(
      quanta,
      features.filter((feature) => this.#ownFeatures.has(feature)),
    );
    const maxLeaves = this.#rules.maxLeaves ?? Number.POSITIVE_INFINITY;
    const open = [this.#openRoot(sampling)];
    let leaves = 1;
    while (open.length > 0) {
      const next = this.#takeNext(open);
      if (next.split && leaves < maxLeaves) {
        leaves++;
        open.push(...this.#split(next, next.split, leaves < maxLeaves));
      } else {
        this.#close(next);
      }
    }
    this.#walk?.addToMargins(this.#memory, this.#rows, (row) => !sampling.takes(row));
    return this.#writer.toArrays();
  }

  #openRoot(sampling: RowSampling): OpenNode {
    const { kernel, layout, ints } = this.#memory;
    const { start } = this.#rows;
    let { end } = this.#rows;
    if (sampling.takesAll) kernel.fillIndex(layout.index, start, end, start);
    else end = sampling.fill(ints.subarray(layout.index / 4, layout.index / 4 + layout.rowCount), start, end);
    const slot = this.#slots.take();
    // Without an index rows are read one after the other, which is faster.
    const sums = this.#slots.buildRoot(slot, { start, end }, sampling.takesAll ? 0 : layout.index);
    const node = this.#writer.add(sums.hessian * this.#quanta.hessian);
    const [root] = this.#search([{ node, depth: 0, start, end, ...sums, bounds: UNBOUNDED, slot }]);
    return root!;
  }

  /** Finds the best splits of one node, or of two, whose histograms the crew has built. It meets afterwards. */
  #search(nodes: readonly NewNode[]): OpenNode[] {
    const searched = nodes.map((node) => node.slot !== undefined && this.#finder.canSplit(node));
    if (searched.includes(true)) {
      nodes.forEach((node, i) => {
        if (!searched[i]) return;
        this.#finder.find(node, this.#slots.addressOf(node.slot!), this.#recordOf(this.#member.index, i));
      });
      this.#member.meet();
    }
    return nodes.map((node, i) => {
      const split = searched[i] ? this.#bestOf(i) : undefined;
      const kept = split && !this.#slots.scarce;
      if (node.slot !== undefined && !kept) this.#slots.give(node.slot);
      return { ...node, split, slot: kept ? node.slot : undefined };
    });
  }

  /** The best of those that the members found. */
  #bestOf(i: number): Split | undefined {
    let best = { gain: 0, feature: -1, record: 0 };
    for (let m = 0; m < this.#member.size; m++) {
      const record = this.#recordOf(m, i);
      const found = readGain(this.#memory, record);
      if (isBetter(found, best)) best = { gain: found.gain, feature: found.feature, record };
    }
    return best.gain > 0 ? readSplit(this.#memory, best.record, this.#table.features) : undefined;
  }

  #recordOf(memberIndex: number, i: number): number {
    return this.#memory.layout.records + RECORD_BYTES * (2 * memberIndex + i);
  }

  /** The two children, left first. */
  #split(parent: OpenNode, split: Split, mayGoOn: boolean): OpenNode[] {
    const middle = this.#part(parent, split);
    const depth = parent.depth + 1;
    const right = {
      gradient: parent.gradient - split.left.gradient,
      hessian: parent.hessian - split.left.hessian,
      rows: parent.rows - split.left.rows,
    };
    const [leftBounds, rightBounds] = this.#boundsOf(parent, split, right);
    const children: NewNode[] = [
      {
        ...split.left,
        start: parent.start,
        end: middle,
        bounds: leftBounds,
        depth,
        node: this.#add(split.left),
        slot: undefined,
      },
      { ...right, start: middle, end: parent.end, bounds: rightBounds, depth, node: this.#add(right), slot: undefined },
    ];
    this.#writeSplit(parent, split, children[0]!.node, children[1]!.node);
    const goesOn = mayGoOn && depth < this.#rules.depth && children.some((child) => this.#finder.canSplit(child));
    if (!goesOn) {
      if (parent.slot !== undefined) this.#slots.give(parent.slot);
      return children.map((child) => ({ ...child, split: undefined }));
    }
    const slots = this.#childSlots(parent, children[0]!, children[1]!);
    return this.#search(children.map((child, i) => ({ ...child, slot: slots[i] })));
  }

  #add(sums: NodeSums): number {
    return this.#writer.add(sums.hessian * this.#quanta.hessian);
  }

  #childSlots(parent: OpenNode, left: RowRange, right: RowRange): [number, number] {
    if (parent.slot !== undefined) {
      const other = this.#slots.take();
      return this.#slots.part(parent.slot, other, left, right);
    }
    const slots: [number, number] = [this.#slots.take(), this.#slots.take()];
    this.#slots.buildBoth(slots, left, right);
    return slots;
  }

  /** Moves the rows that go left to the front of the node's range; returns where the right ones begin. */
  #part({ start, end }: RowRange, split: Split): number {
    const { kernel, layout } = this.#memory;
    writeGoesLeft(split, this.#table.features[split.feature]!, this.#goesLeft);
    const column = layout.columns + split.feature * layout.columnStride;
    const moved = layout.moved + 4 * (this.#rows.start + 16 * this.#member.index);
    return kernel.part(layout.index, start, end, column, this.#goesLeft.byteOffset, moved, layout.orders);
  }

  #writeSplit({ node }: OpenNode, split: Split, left: number, right: number): void {
    const { cuts, isCategory, count } = this.#table.features[split.feature]!;
    const categories = isCategory ? Array.from(cuts).filter((_, bin) => this.#goesLeft[bin] === 1) : [];
    // Behind the last bin only missing values are left: every number goes left.
    const threshold = isCategory ? 0 : split.bin < count ? cuts[split.bin]! : MAX_FLOAT32;
    const { feature, missingLeft } = split;
    this.#writer.split(node, { feature, threshold, missingLeft, left, right, categories: categories.sort((a, b) => a - b) });
    this.#walk?.split(node, { column: feature, goesLeft: this.#goesLeft.slice(), left, right });
  }

  /**
   * A monotone split puts the middle between its sides as a bound to both, so that no leaf below can cross it; not so when it only tells
   * numbers from missing values.
   */
  #boundsOf(parent: OpenNode, split: Split, right: NodeSums): [StepBounds, StepBounds] {
    const direction = this.#rules.monotone[split.feature]!;
    const { bounds } = parent;
    const onlyMissing = split.bin >= this.#table.features[split.feature]!.count;
    if (direction === 0 || onlyMissing) return [bounds, bounds];
    const middle = (this.#stepOf(split.left, bounds) + this.#stepOf(right, bounds)) / 2;
    const below = { lower: bounds.lower, upper: middle };
    const above = { lower: middle, upper: bounds.upper };
    return direction === 1 ? [below, above] : [above, below];
  }

  #stepOf({ gradient, hessian }: NodeSums, bounds: StepBounds): number {
    return leafStep(gradient * this.#quanta.gradient, hessian * this.#quanta.hessian, this.#rules, bounds);
  }

  #close(leaf: OpenNode): void {
    if (leaf.slot !== undefined) this.#slots.give(leaf.slot);
    const { learningRate, maxLeafStep } = this.#rules;
    const step = this.#stepOf(leaf, leaf.bounds);
    const value = learningRate * Math.max(-maxLeafStep, Math.min(step, maxLeafStep));
    this.#writer.close(leaf.node, value);
    this.#walk?.close(leaf.node, value);
    const { kernel, layout } = this.#memory;
    kernel.addToMargins(layout.margins, layout.index, leaf.start, leaf.end, value);
  }

  #takeNext(open: OpenNode[]): OpenNode {
    const { growth, maxLeaves } = this.#rules;
    // The order makes no difference then, and this one holds the fewest histograms.
    if (maxLeaves === undefined) return open.pop()!;
    return growth === 'leaf' ? takeFirst(open, byGain) : takeFirst(open, byLevel);
  }
}

/** Larger gains first, of equal ones the node opened first. */
const byGain = (a: OpenNode, b: OpenNode) => (b.split?.gain ?? -1) - (a.split?.gain ?? -1) || a.node - b.node;
const byLevel = (a: OpenNode, b: OpenNode) => a.depth - b.depth || a.node - b.node;

/** Removes and returns the node that comes first. */
function takeFirst(open: OpenNode[], order: (a: OpenNode, b: OpenNode) => number): OpenNode {
  let first = 0;
  for (let i = 1; i < open.length; i++) if (order(open[i]!, open[first]!) < 0) first = i;
  const [node] = open.splice(first, 1);
  return node!;
}
