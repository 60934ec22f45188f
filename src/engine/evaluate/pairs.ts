import { isCorrect, type RunState, type ThreatState, where } from './state';
import { chooseTarget } from './targetPlan';

/** Pairs of each example. */
export function perExample({ target }: Pick<ThreatState, 'target'>): number {
  return target?.perExample ?? 1;
}

/** Position of the example of a pair. */
export function exampleOf(of: Pick<ThreatState, 'target'>, pair: number): number {
  return Math.floor(pair / perExample(of));
}

/** The class to reach; -1 where any wrong one will do, and where the example is of the wanted class itself. */
export function targetOf(state: RunState, of: Pick<ThreatState, 'target'>, pair: number): number {
  const { target } = of;
  if (target === null) return -1;
  const example = exampleOf(of, pair);
  const { classes } = state;
  const logits = state.logits.subarray(example * classes, (example + 1) * classes);
  return chooseTarget(target, example, pair % target.perExample, state.label[example] as number, logits);
}

/** The classes to reach, pair by pair; undefined where any wrong one will do. */
export function targetsOf(
  state: RunState,
  of: Pick<ThreatState, 'target'> | undefined,
  pairs: Int32Array,
): Int32Array | undefined {
  return of?.target ? Int32Array.from(pairs, (pair) => targetOf(state, of, pair)) : undefined;
}

/** Whether there is something to reach: not for an example of the very class that is wanted. */
export function isPair(state: RunState, of: Pick<ThreatState, 'target'>, pair: number): boolean {
  return of.target === null || targetOf(state, of, pair) !== -1;
}

/** Whether an attacker has something to break: the model is right about the example, and there is a class to reach. */
export function isAttackable(state: RunState, of: Pick<ThreatState, 'target'>, pair: number): boolean {
  return isCorrect(state, exampleOf(of, pair)) && isPair(state, of, pair);
}

/** All pairs, those without a class to reach too. */
export function pairCount(state: Pick<RunState, 'count'>, of: Pick<ThreatState, 'target'>): number {
  return state.count * perExample(of);
}

/** Pairs that an attacker has something to break of, and that no attack of this threat model has broken. */
export function standing(state: RunState, of: ThreatState): Int32Array {
  return where(pairCount(state, of), (pair) => of.brokenBy[pair] === -1 && isAttackable(state, of, pair));
}

/** Position in `attacks` of the first attack that reached any target of the example; -1 while none did. */
export function exampleBrokenBy(of: ThreatState, example: number): number {
  const each = perExample(of);
  let first = -1;
  for (let pair = example * each; pair < (example + 1) * each; pair++) {
    const by = of.brokenBy[pair] as number;
    if (by !== -1 && (first === -1 || by < first)) first = by;
  }
  return first;
}

/** Whether any target of the example is known to be reached within ε. */
export function exampleBrokenWithin(of: ThreatState, example: number, epsilon: number): boolean {
  const each = perExample(of);
  for (let pair = example * each; pair < (example + 1) * each; pair++) {
    if (of.minimal.broken(pair, epsilon)) return true;
  }
  return false;
}
