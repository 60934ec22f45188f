import { RobustnessError } from '../error';
import type { Attack, AttackRequest, Norm } from './types';

/** What decides whether an attack can be run at all. */
export interface Circumstances {
  readonly norm: Norm;
  readonly classes: number;
  readonly differentiable: boolean;
  readonly labelsOnly?: boolean | undefined;
  readonly targeted?: boolean | undefined;
}

/** Why the attack cannot run here, as a clause for a sentence; null if it can. */
export function unsuitable(
  attack: Attack,
  { norm, classes, differentiable, labelsOnly, targeted }: Circumstances,
): string | null {
  if (!attack.norms.includes(norm)) return `${attack.name} is not defined for the ${norm} norm`;
  if (attack.needs === 'gradient' && !differentiable)
    return `${attack.name} needs a gradient, which this model has not`;
  if (attack.needs === 'scores' && labelsOnly) return `${attack.name} needs scores, and this model gives labels alone`;
  if (classes < 2) return `${attack.name} needs a classifier of two classes or more`;
  if (targeted && !attack.targeted) return `${attack.name} cannot be told which class to reach`;
  const least = attack.leastClasses ?? 2;
  if (classes < least) return `${attack.name} needs ${least} classes or more`;
  return null;
}

/** @throws `attack/unsuitable` if the attack cannot run, `attack/request` if the arrays do not fit one another. */
export function checkRequest(attack: Attack, request: AttackRequest): void {
  const { oracle, threat } = request;
  const reason = unsuitable(attack, {
    norm: threat.norm,
    classes: oracle.classes,
    differentiable: oracle.differentiable,
    labelsOnly: oracle.labelsOnly,
    targeted: request.targets !== undefined,
  });
  if (reason !== null) {
    throw new RobustnessError(
      'attack/unsuitable',
      `The attack cannot run: ${reason}.`,
      'Choose another attack for this threat model, or leave `attacks` out to get those that fit.',
    );
  }
  const n = request.y.length;
  if (request.x.length !== n * oracle.exampleSize || request.indices.length !== n) {
    throw new RobustnessError(
      'attack/request',
      `The attack was given ${request.x.length} values, ${n} labels and ${request.indices.length} indices.`,
      `Give ${oracle.exampleSize} values, one label and one index for each example.`,
    );
  }
  checkTargets(request);
  for (const label of request.y) {
    if (label >= 0 && label < oracle.classes) continue;
    throw new RobustnessError(
      'attack/request',
      `Label ${label} is not one of the model's ${oracle.classes} classes.`,
      'Check that data and model belong together, and that labels count from 0.',
    );
  }
}

function checkTargets({ oracle, y, targets }: AttackRequest): void {
  if (!targets) return;
  const odd = targets.findIndex((target, i) => !(target >= 0 && target < oracle.classes && target !== y[i]));
  if (targets.length === y.length && odd === -1) return;
  throw new RobustnessError(
    'attack/request',
    targets.length === y.length
      ? `The target ${targets[odd]} of an example of class ${y[odd]} is not another of the ${oracle.classes} classes.`
      : `The attack was given ${targets.length} targets for ${y.length} examples.`,
    'Give each example one class to reach, other than its own.',
  );
}
