import { runAttack } from '../../attack/constrained';
import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import type { Cost } from '../credit';
import type { Chunk } from '../examples';
import type { StageContext } from './stage';

export interface AttackOutcome {
  /** [n, ...shape] */
  readonly adversarial: Float32Array;
  /** [n]: 1 where the verifier confirmed that the example is broken. */
  readonly confirmed: Uint8Array;
  /** [n]: size of the perturbation, of the strongest point where none was confirmed. */
  readonly distance: Float64Array;
  /** [n]: distance at which the example is broken, at most ε whatever the rounding; Infinity where that is not confirmed. */
  readonly reach: Float64Array;
  /** Claims that the verifier refused. */
  readonly refused: number;
  readonly forwards: number;
  readonly backwards: number;
  readonly seconds: number;
  /** The same four, as a journal keeps them. */
  readonly cost: Cost;
  readonly trace: Float64Array;
  /** [n], or null for an attack that takes no gradient. */
  readonly zeroGradient: Uint8Array | null;
}

/**
 * Runs an attack on a chunk and has what it found confirmed on the original model. The verifier is asked about each strongest
 * point, claimed or not: what the attack saw is a copy of the model, or the mean of a random one, and may be right where the
 * file is wrong. Where nothing was claimed and nothing is confirmed, nothing was refused.
 */
export async function execute(
  attack: Attack,
  budget: AttackBudget,
  threat: AttackThreat,
  chunk: Chunk,
  context: Pick<StageContext, 'oracle' | 'verifier' | 'seed' | 'signal'>,
): Promise<AttackOutcome> {
  const { oracle, verifier, seed, signal } = context;
  const { x, y, indices, targetClasses: targets } = chunk;
  const aimed = targets === undefined ? {} : { targets };
  const before = { ...oracle.counts };
  const start = performance.now();
  const { adversarial, success, lossTrace, zeroGradient } = await runAttack(attack, {
    oracle,
    x,
    y,
    ...aimed,
    indices,
    threat,
    budget,
    seed,
    ...(signal ? { signal } : {}),
  });
  const seconds = (performance.now() - start) / 1000;
  const { confirmed, distance } = await verifier.confirm({ x, adversarial, y, ...aimed, threat });
  const cost: Cost = {
    refused: success.filter((claimed, i) => claimed === 1 && confirmed[i] === 0).length,
    forwards: oracle.counts.forwards - before.forwards,
    backwards: oracle.counts.backwards - before.backwards,
    seconds,
  };
  return {
    adversarial,
    confirmed,
    distance,
    reach: distance.map((d, i) => (confirmed[i] === 1 ? Math.min(threat.epsilon, d) : Number.POSITIVE_INFINITY)),
    ...cost,
    cost,
    trace: Float64Array.from(lossTrace),
    zeroGradient: zeroGradient ?? null,
  };
}
