import { RobustnessError } from '../error';
import { Random } from '../random';
import type { ResolvedThreatModel } from '../spec/schema';
import { isCorrect, type RunState, type ThreatState, where } from './state';

/**
 * A threat model with a target is evaluated pair by pair: an example, and a class that the attacker wants for it. Pair
 * `p` is of example `floor(p / perExample)`. Where any wrong class will do there is one pair an example, with its position.
 */
export interface TargetPlan {
  readonly rule: 'least-likely' | 'random' | 'all' | 'class';
  /** The class to reach; null where it differs from example to example. */
  readonly class: number | null;
  /** 1, or all classes but the true one. */
  readonly perExample: number;
  readonly seed: number;
}

/**
 * @param classes names of the model's classes
 * @returns null where any wrong class will do
 * @throws `spec/target` for a class that the model has not
 */
export function targetPlan(
  { name, goal, target }: Pick<ResolvedThreatModel, 'name' | 'goal' | 'target'>,
  classes: readonly string[],
  seed: number,
): TargetPlan | null {
  if (goal === 'untargeted') return null;
  const wanted = target ?? 'random';
  if (typeof wanted === 'string') {
    const perExample = wanted === 'all' ? Math.max(1, classes.length - 1) : 1;
    return { rule: wanted, class: null, perExample, seed };
  }
  return { rule: 'class', class: classIndex(name, wanted.class, classes), perExample: 1, seed };
}

/** A number is a position, if it is one; else, as all words are, a name first. */
function classIndex(threat: string, wanted: string | number, classes: readonly string[]): number {
  const position = /^\d+$/.test(String(wanted)) ? Number(wanted) : -1;
  const named = classes.indexOf(String(wanted));
  const index = typeof wanted === 'number' && position < classes.length ? position : named === -1 ? position : named;
  if (index >= 0 && index < classes.length) return index;
  throw new RobustnessError(
    'spec/target',
    `The threat model ${threat} wants the class “${String(wanted).slice(0, 60)}”, which is none of the model's ${classes.length}.`,
    `Name one of ${classes.slice(0, 12).join(', ')}${classes.length > 12 ? ' …' : ''}, a position from 0, least-likely, random or all.`,
  );
}

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
  const label = state.label[example] as number;
  const other = (rank: number) => (rank < label ? rank : rank + 1);
  switch (target.rule) {
    case 'class':
      return target.class === label ? -1 : (target.class as number);
    case 'all':
      return other(pair % target.perExample);
    case 'random':
      return other(Random.of(target.seed, 'target', example).integer(state.classes - 1));
    case 'least-likely': {
      let least = -1;
      for (let k = 0; k < state.classes; k++) {
        const score = state.logits[example * state.classes + k] as number;
        if (k !== label && (least === -1 || score < (state.logits[example * state.classes + least] as number)))
          least = k;
      }
      return least;
    }
  }
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
