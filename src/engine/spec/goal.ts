import { RobustnessError } from '../error';
import { type ResolvedThreatModel, type TargetRule, type ThreatModelSpec, targetRules } from './schema';

type Goal = Pick<ResolvedThreatModel, 'goal' | 'target'>;

/**
 * What the attacker is after: a target that is stated without a goal makes it targeted.
 *
 * @param options in place of what the threat model says.
 * @param inferred takes what nobody stated, in words.
 * @throws `spec/target` for a target of an attacker who takes any wrong class
 */
export function resolveGoal(
  name: string,
  threat: Partial<ThreatModelSpec>,
  options: { readonly goal?: Goal['goal'] | undefined; readonly target?: string | undefined },
  inferred: string[],
): Goal {
  const given = options.goal ?? (options.target === undefined ? threat.goal : undefined);
  // A goal by option takes the place of the spec's, and so of the target that belongs to that.
  const target = options.target ?? (options.goal === 'untargeted' ? undefined : threat.target);
  const goal = given ?? (target === undefined ? 'untargeted' : 'targeted');
  if (given === undefined) inferred.push(`${name}: the goal is ${goal}`);
  if (goal === 'untargeted') {
    if (target === undefined) return { goal };
    throw new RobustnessError(
      'spec/target',
      `The threat model “${name}” names a target, and its goal is untargeted.`,
      'Write `goal: targeted`, or leave `target` out.',
    );
  }
  if (target === undefined) {
    inferred.push(`${name}: the target is a random wrong class of each example`);
    return { goal, target: 'random' };
  }
  return { goal, target: isRule(target) ? target : { class: target } };
}

function isRule(target: string | number): target is TargetRule {
  return targetRules.some((rule) => rule === target);
}
