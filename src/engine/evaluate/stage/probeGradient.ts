import { margin } from '../../attack/scores';
import type { LossName, Oracle } from '../../attack/types';
import { Random } from '../../random';
import { name, namedPositions } from '../evidence';
import { isCorrect, type RunState } from '../state';
import { samplePositions } from './check';
import type { EvaluationFacts, Stage } from './stage';

/** Examples that are looked at; each costs a few gradients and a hundred forward passes. */
const most = 32;
const mostUnderNoise = 10;
/** Indicators of Attack Failure, `unstable predictions`: draws (γ) and their reach in a range of width 1, either way. */
const draws = 100;
const reach = 4 / 255;
/** Contrasts at which inputs are tried again: a half and a fifth of the way out from the middle of the range. */
const contrasts = [0.5, 0.2];

interface LossResult {
  readonly loss: LossName;
  /** [n] each */
  readonly zero: Uint8Array;
  readonly notFinite: Uint8Array;
  readonly flat: Uint8Array;
}

interface GradientProbe {
  readonly losses: readonly LossResult[];
  /** [n] share of input values without gradient; null for data without a range. */
  readonly dead: { readonly clean: Float64Array; readonly inside: Float64Array } | null;
}

const probed = (state: RunState, atMost: number): Int32Array => {
  const right = samplePositions(state.count).filter((i) => isCorrect(state, i));
  const step = Math.max(1, right.length / atMost);
  const count = Math.min(atMost, right.length);
  return Int32Array.from({ length: count }, (_, i) => right[Math.floor(i * step)]!);
};

/** Looks at the gradient itself: whether it is there, is finite, and says anything about the prediction. */
export function gradientStage(facts: EvaluationFacts): Stage<GradientProbe> {
  const losses: LossName[] = ['ce', 'margin', ...(facts.classes.length >= 3 ? (['dlr'] as const) : [])];
  const width = facts.range === null ? null : facts.range[1] - facts.range[0];
  return {
    id: 'probe/gradient',
    title: 'Probing the gradient',
    kind: 'gradient',
    family: 'probe-gradient',
    passes: losses.length + contrasts.length,
    chunk: 16,
    select: (state) => probed(state, most),
    async run({ x, y }, { oracle }) {
      const results: LossResult[] = [];
      let clean: Float64Array | null = null;
      for (const loss of losses) {
        const { gradient, logits } = await oracle.gradient(x, y, loss);
        results.push({ loss, ...faultsOf(gradient, logits, loss, y, oracle, width) });
        if (loss === 'margin') clean = deadShares(gradient, oracle);
      }
      return { losses: results, dead: clean && facts.range && (await deadInside(x, y, clean, facts.range, oracle)) };
    },
    apply({ evidence }, indices, result) {
      for (const { loss, zero, notFinite, flat } of result.losses) {
        let tally = evidence.gradients.find((each) => each.loss === loss);
        if (!tally) {
          tally = { loss, examples: 0, zero: 0, notFinite: 0, flat: 0, indices: [] };
          evidence.gradients.push(tally);
        }
        tally.examples += indices.length;
        tally.zero += ones(zero);
        tally.notFinite += ones(notFinite);
        tally.flat += ones(flat);
        name(
          tally.indices,
          indices.filter((_, i) => zero[i] === 1 || notFinite[i] === 1 || flat[i] === 1),
        );
      }
      if (!result.dead) return;
      evidence.deadInputs ??= { examples: 0, clean: 0, inside: 0 };
      const dead = evidence.deadInputs;
      // Where no value has a gradient it is not the input that is clipped.
      result.dead.clean.forEach((share, i) => {
        if (share === 1) return;
        dead.examples++;
        dead.clean += share;
        dead.inside += result.dead?.inside[i] ?? 0;
      });
    },
  };
}

interface NoiseProbe {
  /** [n] mean relative change of the margin */
  readonly values: Float64Array;
  /** [n] correlation of the change with what the gradient foretells; NaN where that is nothing. */
  readonly agreement: Float64Array;
}

/**
 * Whether the margin holds still under small noise (Pintor et al. 2022). The margin stands for the loss: a cross-entropy
 * near 0 changes by large factors in any model.
 */
export function instabilityStage(facts: EvaluationFacts): Stage<NoiseProbe> {
  const [low, high] = facts.range ?? [0, 1];
  const radius = reach * (high - low);
  return {
    id: 'probe/instability',
    title: 'Probing the scores under small noise',
    kind: facts.differentiable ? 'gradient' : 'scores',
    family: 'probe-instability',
    passes: draws,
    chunk: 8,
    // Of a random model the noise is its own.
    select: (state) =>
      facts.range === null || (state.evidence.forward?.spread ?? 0) > 1e-4
        ? new Int32Array()
        : probed(state, mostUnderNoise),
    async run({ x, y, indices }, { oracle, seed }) {
      const { exampleSize: size, classes } = oracle;
      const free = oracle.free ?? size;
      const before = await oracle.logits(x);
      const slope = oracle.differentiable ? (await oracle.gradient(x, y, 'margin')).gradient : null;
      const values = new Float64Array(y.length);
      const agreement = new Float64Array(y.length).fill(Number.NaN);
      const changes = new Float64Array(draws);
      const foretold = new Float64Array(draws);
      const noisy = new Float32Array(draws * size);
      for (let i = 0; i < y.length; i++) {
        const random = Random.of(seed, 'instability', indices[i]!);
        for (let d = 0; d < draws; d++) {
          for (let j = 0; j < size; j++) {
            const value = x[i * size + j]!;
            if (j >= free) noisy[d * size + j] = value;
            else {
              const moved = value + random.between(-radius, radius);
              noisy[d * size + j] = Math.max(low, Math.min(high, moved));
            }
          }
        }
        const logits = await oracle.logits(noisy);
        const own = margin(before, i, classes, y[i]!);
        let change = 0;
        for (let d = 0; d < draws; d++) {
          changes[d] = margin(logits, d, classes, y[i]!) - own;
          change += Math.abs(changes[d]!);
          if (slope === null) continue;
          let along = 0;
          // The loss is the negative margin.
          for (let j = 0; j < size; j++) along -= slope[i * size + j]! * (noisy[d * size + j]! - x[i * size + j]!);
          foretold[d] = along;
        }
        if (slope !== null) agreement[i] = correlation(changes, foretold);
        values[i] = Math.min(1, change / draws / (Math.abs(own) || 1));
      }
      return { values, agreement };
    },
    apply({ evidence }, indices, { values, agreement }) {
      evidence.instability ??= { examples: 0, draws, radius, sum: 0, agreed: 0, judged: 0, worst: [] };
      const tally = evidence.instability;
      tally.examples += indices.length;
      tally.sum += sum(values);
      for (const value of agreement) {
        if (Number.isNaN(value)) continue;
        tally.agreed += value;
        tally.judged++;
      }
      for (let i = 0; i < indices.length; i++) tally.worst.push([indices[i]!, values[i]!]);
      tally.worst.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
      tally.worst.length = Math.min(tally.worst.length, namedPositions);
    },
  };
}

/** @param width of the data's range; null leaves flatness unjudged. */
function faultsOf(
  gradient: Float32Array,
  logits: Float32Array,
  loss: LossName,
  y: Int32Array,
  { exampleSize: size, classes }: Oracle,
  width: number | null,
): Omit<LossResult, 'loss'> {
  const n = y.length;
  const [zero, notFinite, flat] = [new Uint8Array(n), new Uint8Array(n), new Uint8Array(n)];
  for (let i = 0; i < n; i++) {
    let absolute = 0;
    for (let j = i * size; j < (i + 1) * size; j++) absolute += Math.abs(gradient[j]!);
    if (absolute === 0) zero[i] = 1;
    else if (!Number.isFinite(absolute)) notFinite[i] = 1;
    // By the gradient, the whole range in every value would not undo the margin.
    else if (loss === 'margin' && width !== null && margin(logits, i, classes, y[i]!) > absolute * width) flat[i] = 1;
  }
  return { zero, notFinite, flat };
}

/** [n] share of the values that attacks may change whose derivative is exactly zero. */
function deadShares(gradient: Float32Array, { exampleSize: size, free = size }: Oracle): Float64Array {
  const shares = new Float64Array(gradient.length / size);
  for (let i = 0; i < shares.length; i++) {
    let dead = 0;
    for (let j = i * size; j < i * size + free; j++) if (gradient[j] === 0) dead++;
    shares[i] = dead / free;
  }
  return shares;
}

/** Inputs clipped well inside their range come alive where the contrast is low. */
async function deadInside(
  x: Float32Array,
  y: Int32Array,
  clean: Float64Array,
  [low, high]: readonly [number, number],
  oracle: Oracle,
): Promise<NonNullable<GradientProbe['dead']>> {
  const { exampleSize: size, free = size } = oracle;
  const middle = (low + high) / 2;
  const inside = clean.slice();
  for (const contrast of contrasts) {
    const moved = x.slice();
    for (let at = 0; at < x.length; at += size) {
      for (let j = at; j < at + free; j++) moved[j] = middle + contrast * (x[j]! - middle);
    }
    const shares = deadShares((await oracle.gradient(moved, y, 'margin')).gradient, oracle);
    for (let i = 0; i < inside.length; i++) if (shares[i]! < inside[i]!) inside[i] = shares[i]!;
  }
  return { clean, inside };
}

/** Pearson's; NaN where one of the two does not vary. */
function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [sum(a) / a.length, sum(b) / b.length];
  let [both, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i]! - meanA) * (b[i]! - meanB);
    squareA += (a[i]! - meanA) ** 2;
    squareB += (b[i]! - meanB) ** 2;
  }
  return both / Math.sqrt(squareA * squareB);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function ones(flags: Uint8Array): number {
  let count = 0;
  for (const flag of flags) count += flag;
  return count;
}
