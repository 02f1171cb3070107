/**
 * Gradients and hessians as whole numbers. For each tree a power of two is chosen so that the sum of all |gradients| stays below 2^31,
 * another for the hessians; each row's pair is rounded to these quanta. So sums are exact: they depend neither on the order of rows nor on
 * the number of threads, and a histogram minus a part of it is the rest to the bit. At a million rows, one in a hundred a fraud, a
 * gradient has sixteen binary digits behind the point at first, and more as the rows are learned.
 */
import type { Derivatives } from './derivatives.js';
import type { CrewMember } from './training-crew.js';
import { SUM_STEPS } from './plain-kernel.js';
import { NOTE_FLOATS, type TrainingMemory } from './training-memory.js';

/** Worth of a quantum: sums over rows, which are whole numbers, times these are sums of derivatives. */
export interface Quanta {
  readonly gradient: number;
  readonly hessian: number;
}

/** Computes the derivatives of this member's rows and quantises them; the crew meets once, for the sums over all rows. */
export function quantiseGradients(derivatives: Derivatives, memory: TrainingMemory, member: CrewMember): Quanta {
  const { layout, float64, kernel } = memory;
  const [start, end] = member.share(layout.rowCount);
  const unit = derivatives.write(start, end, layout.notes + 8 * NOTE_FLOATS * member.index);
  member.meet();
  let gradientSteps = 0;
  let hessianSteps = 0;
  for (let m = 0; m < member.size; m++) {
    gradientSteps += float64[layout.notes / 8 + NOTE_FLOATS * m]!;
    hessianSteps += float64[layout.notes / 8 + NOTE_FLOATS * m + 1]!;
  }
  const gradientScale = scaleFor(gradientSteps / SUM_STEPS, layout.rowCount);
  const hessianScale = scaleFor(hessianSteps / SUM_STEPS, layout.rowCount);
  kernel.quantise(layout.derivatives, start, end, hessianScale, gradientScale);
  return { gradient: unit.gradient / gradientScale, hessian: unit.hessian / hessianScale };
}

/** The largest power of two by which a sum of that size stays below 2^31, although each row rounds by half a quantum. */
function scaleFor(sum: number, rowCount: number): number {
  const largest = 2 ** 31 - 1 - rowCount / 2;
  let scale = 2 ** Math.min(MAX_SCALE_EXPONENT, Math.floor(Math.log2(largest / sum)));
  if (sum * scale > largest) scale /= 2;
  return scale;
}

/** Where nothing is left to learn, sums are 0. */
const MAX_SCALE_EXPONENT = 60;
