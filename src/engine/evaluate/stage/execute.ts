import { runAttack } from '../../attack/constrained';
import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import type { Chunk } from '../examples';
import { gather } from '../examples';
import type { StageContext } from './stage';

export interface AttackOutcome {
  /** [n, ...shape] */
  readonly adversarial: Float32Array;
  /** [n]: 1 where the verifier confirmed that the example is broken. */
  readonly confirmed: Uint8Array;
  /** [n]: size of the perturbation where the attack claimed success, else 0. */
  readonly distance: Float64Array;
  /** Claims that the verifier refused. */
  readonly refused: number;
  readonly forwards: number;
  readonly backwards: number;
  readonly seconds: number;
  readonly trace: Float64Array;
  /** [n], or null for an attack that takes no gradient. */
  readonly zeroGradient: Uint8Array | null;
}

/** Runs an attack on a chunk and has every claim of success confirmed on the original model. */
export async function execute(
  attack: Attack,
  budget: AttackBudget,
  threat: AttackThreat,
  chunk: Chunk,
  context: Pick<StageContext, 'oracle' | 'verifier' | 'seed' | 'signal'>,
): Promise<AttackOutcome> {
  const { oracle, verifier, seed, signal } = context;
  const { x, y, indices } = chunk;
  const before = { ...oracle.counts };
  const start = performance.now();
  const result = await runAttack(attack, {
    oracle,
    x,
    y,
    indices,
    threat,
    budget,
    seed,
    ...(signal ? { signal } : {}),
  });
  const seconds = (performance.now() - start) / 1000;

  // Of a random model an attack knows too little to claim: the verifier is asked about each of its strongest points.
  const random = oracle.passes !== undefined;
  const claims = [...result.success.keys()].filter((i) => random || result.success[i] === 1);
  const { confirmed, distance } = await verifier.confirm({
    x: gather(x, claims, oracle.exampleSize),
    adversarial: gather(result.adversarial, claims, oracle.exampleSize),
    y: Int32Array.from(claims, (i) => y[i] as number),
    threat,
  });
  const outcome: AttackOutcome = {
    adversarial: result.adversarial,
    confirmed: new Uint8Array(y.length),
    distance: new Float64Array(y.length),
    refused: claims.filter((i, claim) => result.success[i] === 1 && confirmed[claim] === 0).length,
    forwards: oracle.counts.forwards - before.forwards,
    backwards: oracle.counts.backwards - before.backwards,
    seconds,
    trace: Float64Array.from(result.lossTrace),
    zeroGradient: result.zeroGradient ?? null,
  };
  claims.forEach((i, claim) => {
    outcome.confirmed[i] = confirmed[claim] as number;
    outcome.distance[i] = distance[claim] as number;
  });
  return outcome;
}
