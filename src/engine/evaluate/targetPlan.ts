import { RobustnessError } from '../error';
import { Random } from '../random';
import { type ResolvedThreatModel, targetRules } from '../spec/schema';

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

/** The wish of an attacker as it is written: a rule, a class by name, or its position. */
export function wanted(target: string | number): NonNullable<ResolvedThreatModel['target']> {
  return targetRules.find((rule) => rule === target) ?? { class: target };
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
  const chosen = target ?? 'random';
  if (typeof chosen === 'string') {
    const perExample = chosen === 'all' ? Math.max(1, classes.length - 1) : 1;
    return { rule: chosen, class: null, perExample, seed };
  }
  return { rule: 'class', class: classIndex(name, chosen.class, classes), perExample: 1, seed };
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

/**
 * The class to reach for an example; -1 where it is of the wanted class itself.
 *
 * @param example position in the data set: keys what is random
 * @param rank of `perExample`
 * @param logits [classes] of the clean example; of equal ones the first is the least likely
 */
export function chooseTarget(
  plan: TargetPlan,
  example: number,
  rank: number,
  label: number,
  logits: Float32Array,
): number {
  const other = (k: number) => (k < label ? k : k + 1);
  switch (plan.rule) {
    case 'class':
      return plan.class === label ? -1 : (plan.class as number);
    case 'all':
      return other(rank);
    case 'random':
      return other(Random.of(plan.seed, 'target', example).integer(logits.length - 1));
    case 'least-likely': {
      let least = -1;
      for (let k = 0; k < logits.length; k++) {
        if (k !== label && (least === -1 || (logits[k] as number) < (logits[least] as number))) least = k;
      }
      return least;
    }
  }
}
