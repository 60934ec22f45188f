import type { Norm } from '../../engine/attack/types';
import { overreaching } from './agree';
import type { Placed } from './measured';
import { type Part, statedGoal } from './stated';
import type { ModelSubject, Outcome } from './types';

/** What a figure, or a claim without one, is said of. */
export interface Scope extends Pick<Part, 'norms' | 'epsilons' | 'attacks' | 'text'> {
  readonly named: readonly Placed[];
}

/** Norms that surround a sentence are its own only as far as they were measured; if none was, they say what is missing. */
export function measuredOf(norms: readonly Norm[], all: readonly Placed[]): readonly Norm[] {
  const measured = norms.filter((norm) => all.some(({ threat }) => threat.norm === norm));
  return measured.length > 0 ? measured : norms;
}

export const isBlackBox = ({ threat }: Placed) => threat.knowledge !== 'white-box';

/** The threat models that a claim can be held against, nearest first, or why there are none. */
export function selected(claim: ModelSubject, all: readonly Placed[], scope: Scope): Placed[] | Outcome {
  const measured = new Set(all.map(({ threat }) => threat.norm));
  const missing = scope.norms.find((norm) => !measured.has(norm));
  if (missing !== undefined)
    return overreaching(
      `This claims robustness in ${missing}, but the report measured ${[...measured].join(', ')} alone; evaluate in ${missing}, or claim what was measured.`,
    );
  let threats = (scope.named.length > 0 ? scope.named : all).filter(
    ({ threat }) => scope.norms.length === 0 || scope.norms.includes(threat.norm),
  );
  if (threats.length === 0) threats = [...scope.named];
  const { plain } = claim.sentence;
  if (threats.every(({ threat }) => threat.norm === 'l0' && threat.counts === 'values') && /\bpixels?\b/i.test(plain))
    return overreaching(
      'This claims robustness to changed pixels, but the report counts single values, of which a pixel has several; evaluate with `counts: pixels`.',
    );
  const knowledge = claim.facts.knowledge;
  if (knowledge === 'white-box') {
    if (threats.every(isBlackBox))
      return overreaching(
        `This claims robustness to white-box attacks, but the report measured ${threats[0]!.threat.knowledge} attackers alone; run white-box attacks, or claim what was measured.`,
      );
    threats = threats.filter((one) => !isBlackBox(one));
  }
  const goal = statedGoal(plain);
  if (goal !== 'targeted') {
    if (threats.every(({ threat }) => threat.goal === 'targeted'))
      return overreaching(
        'The report measured a targeted attacker alone, who wants one wrong class; evaluate an untargeted one, or say that the attack is targeted.',
      );
    threats = threats.filter(({ threat }) => threat.goal !== 'targeted');
  }
  const [first, second] = [
    (one: Placed) => Number(isBlackBox(one) !== (knowledge === 'black-box')),
    ({ threat }: Placed) => Number(threat.goal !== (goal ?? 'untargeted')),
  ];
  // A small l0 ball in pixels and the like: the order of the report decides between equals.
  return [...threats].sort((a, b) => second!(a) - second!(b) || first!(a) - first!(b));
}

const nameOf = (name: string) =>
  new RegExp(`(?<![\\p{L}\\d_-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\d_-])`, 'u');

/** Threat models that the claim names as the spec calls them; "adversarial" or "linf" alone are words. */
export function named(text: string, threats: readonly Placed[]): Placed[] {
  return threats.filter(({ threat }) => /\d|[-_]/.test(threat.name) && nameOf(threat.name).test(text));
}

/** The ε that is stated, or that of the threat model that is named. */
export function epsilonsOf(scope: Scope): Scope['epsilons'] {
  const { threat } = scope.named[0] ?? {};
  return scope.named.length === 1 && threat ? [{ value: threat.epsilon, text: threat.epsilonText }] : scope.epsilons;
}
