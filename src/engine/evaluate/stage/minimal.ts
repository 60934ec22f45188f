import type { AttackThreat } from '../../attack/types';
import type { Verifier } from '../../attack/verify';
import { addCost, besideCascade, recordBroken } from '../credit';
import { workKind } from '../estimate';
import { type Chunk, gather, targetsAt } from '../examples';
import { isAttackable } from '../pairs';
import type { PlannedAttack } from '../plan';
import type { RunState, ThreatState } from '../state';
import { attackableSample, samplePairs } from './check';
import { type EvaluationFacts, overPairs, type Stage, type StageContext } from './stage';

interface MinimalResult {
  /** [n]: distance that the verifier confirmed; Infinity where none was. */
  readonly distance: Float64Array;
  readonly forwards: number;
  readonly backwards: number;
  readonly seconds: number;
  /** Points that the verifier refused even a little further out. */
  readonly refused: number;
}

export interface MinimalStep extends PlannedAttack {
  readonly threatIndex: number;
  readonly threatName: string;
  readonly threat: AttackThreat;
  /** The last of the threat model's minimal-norm attacks. */
  readonly last: boolean;
}

/**
 * The smallest perturbation that one attack finds, of each example of a sample, whatever ε is. What is confirmed below ε counts
 * as broken, and all of it lowers the robustness curve.
 */
export function minimalStage(step: MinimalStep, facts: EvaluationFacts): Stage<MinimalResult> {
  const { attack, threatIndex } = step;
  return {
    id: `minimal/${step.threatName}/${attack.name}`,
    title: `Smallest perturbations by ${attack.title} (${step.threatName})`,
    kind: workKind(attack.needs),
    family: `minimal/${attack.name}`,
    passes: step.passes,
    chunk: facts.unitSize,
    ...overPairs(threatIndex),
    select: (state) => attackableSample(state, threatIndex),
    run: (chunk, context) => smallest(step, chunk, context),
    apply(state, indices, result) {
      const of = state.threats[threatIndex];
      if (!of) return;
      const tally = tallyOf(of, step, result, indices);
      indices.forEach((index, i) => {
        recordBroken(of, index, result.distance[i] as number, tally);
      });
    },
    finish(state) {
      const of = state.threats[threatIndex];
      if (!of) return;
      of.minimalNorm.attacks.push(attack.name);
      if (step.last) of.minimalNorm.done = true;
    },
  };
}

/** What the attack is credited with: its row of the cascade, or one that enters the report when it breaks something. */
function tallyOf(of: ThreatState, { attack, budget }: MinimalStep, result: MinimalResult, indices: Int32Array) {
  const own = of.attacks.find(({ name, sample }) => name === attack.name && sample !== true);
  if (own) return own;
  const tally = besideCascade(of, `${attack.title}, smallest perturbations of a sample`, attack, budget);
  addCost(tally, indices.length, result);
  return tally;
}

async function smallest(step: MinimalStep, chunk: Chunk, context: StageContext): Promise<MinimalResult> {
  const { oracle, verifier, seed, signal } = context;
  const { attack, budget } = step;
  const before = { ...oracle.counts };
  const start = performance.now();
  // No example is done as long as nothing is within ε = 0.
  const threat: AttackThreat = { ...step.threat, epsilon: 0 };
  const { x, y, indices, targetClasses } = chunk;
  const { minimal } = await attack.run({
    oracle,
    x,
    y,
    ...(targetClasses ? { targets: targetClasses } : {}),
    indices,
    threat,
    budget,
    seed,
    ...(signal ? { signal } : {}),
  });
  const seconds = (performance.now() - start) / 1000;
  const found = minimal ? [...minimal.found.keys()].filter((i) => minimal.found[i] === 1) : [];
  const size = oracle.exampleSize;
  const points = minimal ? gather(minimal.points, found, size) : new Float32Array(0);
  const some: Chunk = {
    indices: Int32Array.from(found, (i) => chunk.indices[i] as number),
    x: gather(chunk.x, found, size),
    y: Int32Array.from(found, (i) => chunk.y[i] as number),
    ...targetsAt(chunk, found),
  };
  const confirmed = await confirmedDistances(some, points, step.threat, verifier);
  const distance = new Float64Array(chunk.y.length).fill(Number.POSITIVE_INFINITY);
  found.forEach((i, k) => {
    distance[i] = confirmed[k] as number;
  });
  return {
    distance,
    forwards: oracle.counts.forwards - before.forwards,
    backwards: oracle.counts.backwards - before.backwards,
    seconds,
    refused: confirmed.filter((d) => !Number.isFinite(d)).length,
  };
}

/** A point at the boundary may be on either side of it by rounding: those refused are tried this much further out. */
const further = [0, 1e-4, 1e-3, 1e-2];

/**
 * Distances of misclassified points, by the verifier on the original model; Infinity for those that it refuses.
 *
 * @param points [n, ...exampleShape]
 */
export async function confirmedDistances(
  clean: Chunk,
  points: Float32Array,
  threat: AttackThreat,
  verifier: Verifier,
): Promise<Float64Array> {
  const n = clean.y.length;
  const size = n === 0 ? 0 : points.length / n;
  const [low, high] = threat.bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const distance = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let open = [...clean.y.keys()];
  for (const share of further) {
    if (open.length === 0) break;
    const x = gather(clean.x, open, size);
    const adversarial = gather(points, open, size);
    for (let i = 0; share > 0 && i < adversarial.length; i++) {
      const from = x[i] as number;
      const to = adversarial[i] as number;
      // What has not moved stays, and what is within the bounds does.
      if (to !== from)
        adversarial[i] = Math.max(Math.min(low, to), Math.min(Math.max(high, to), to + share * (to - from)));
    }
    const y = Int32Array.from(open, (i) => clean.y[i] as number);
    const anywhere = { ...threat, epsilon: Number.POSITIVE_INFINITY };
    const { targetClasses: targets } = targetsAt(clean, open);
    const verified = await verifier.confirm({ x, adversarial, y, ...(targets ? { targets } : {}), threat: anywhere });
    open = open.filter((i, k) => {
      if (verified.confirmed[k] !== 1) return true;
      distance[i] = verified.distance[k] as number;
      return false;
    });
  }
  return distance;
}

/** [n]: the smallest perturbation known of each example (or pair) of the sample; 0 where the model is wrong as it is. */
export function smallestKnown(state: RunState, of: ThreatState): Float64Array {
  return Float64Array.from(samplePairs(state, of), (i) => (isAttackable(state, of, i) ? of.minimal.known(i) : 0));
}
