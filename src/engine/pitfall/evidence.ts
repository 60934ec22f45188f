import type { AttackRow, Report, ThreatModelReport } from '../report/schema';
import { percent, short } from './words';

/** Attacks that take one step, and those that see scores or labels alone; all others follow the gradient in many steps. */
const singleStep = new Set(['fgsm']);
const gradientFree = new Set([
  'square',
  'sparse-rs',
  'rays',
  'surfree',
  'hopskipjump',
  'edits-beam',
  'edits-random',
  'boundary',
  'random-noise',
  'transfer',
]);

/** Robust accuracy up to which it does not matter how weak the attacks were: there is nothing left to overstate. */
const nothingLeft = 0.01;

/** A threat model's figure with what it rests on, once all its attacks have been through all examples. */
export function finished(report: Report): ThreatModelReport[] {
  const done = report.threatModels.filter(
    (threat) =>
      threat.robustAccuracy !== null &&
      threat.attacks.length > 0 &&
      (report.status.state === 'complete' || threat.examplesDone >= report.data.count),
  );
  // What ran on a sample makes no figure strong.
  return done.map((threat) => ({ ...threat, attacks: threat.attacks.filter(({ sample }) => sample !== true) }));
}

/** What the attacks on all examples left standing, before checks and measurements on a sample found more; null if nothing ran. */
export function accuracyOfCascade(report: Report, name: string): number | null {
  const threat = report.threatModels.find((each) => each.name === name);
  const last = threat?.attacks.findLast(({ sample }) => sample !== true);
  return last?.accuracyAfter.value ?? threat?.robustAccuracy?.value ?? null;
}

/** Attacks only overstate robustness: at (almost) zero the figure stands, however they were chosen. */
export function conclusive(threat: ThreatModelReport): boolean {
  return threat.robustAccuracy !== null && threat.robustAccuracy.value <= nothingLeft;
}

export function isIterative(attack: AttackRow): boolean {
  return followsGradient(attack) && attack.iterations > 1;
}

export function isSingleStep(attack: AttackRow): boolean {
  return singleStep.has(attack.name) || (followsGradient(attack) && attack.iterations <= 1);
}

function followsGradient({ name }: AttackRow): boolean {
  return !singleStep.has(name) && !gradientFree.has(name);
}

/** Uses scores or decisions alone. */
export function isGradientFree({ name }: AttackRow): boolean {
  return gradientFree.has(name);
}

/** Whether the attacker of a threat model has a gradient to follow. */
export function gradientAttacks(report: Report, { knowledge }: ThreatModelReport): boolean {
  return knowledge === 'white-box' && report.model.gradient.available;
}

/** Bounds of a value in data space, if anything says them. */
export function boundsOf(report: Report, threat: ThreatModelReport): readonly [number, number] | null {
  return threat.bounds ?? report.data.range;
}

/**
 * ε divided by the largest distance that the data's bounds allow, in the threat's norm: from 1/2 on the uniform example
 * in the middle of the range is within reach of every example. Null without bounds.
 */
export function relativeEpsilon(report: Report, threat: ThreatModelReport, epsilon = threat.epsilon): number | null {
  const size = report.data.shape.reduce((product, side) => product * side, 1);
  if (threat.norm === 'l0') return epsilon / size;
  const bounds = boundsOf(report, threat);
  if (bounds === null) return null;
  const width = bounds[1] - bounds[0];
  const reach = threat.norm === 'linf' ? width : threat.norm === 'l2' ? width * Math.sqrt(size) : width * size;
  return epsilon / reach;
}

/** Accuracy that is no more than guessing, with some room for uneven classes. */
export function chance(report: Report): number {
  return 1.5 / Math.max(2, report.data.classes.length);
}

/** How a robustness curve shows that the attack does not use its budget; null if it does. */
export function curveFault(report: Report, threat: ThreatModelReport): { what: string; evidence: string[] } | null {
  const { curve } = threat;
  const own = curve.find(({ epsilon }) => epsilon === threat.epsilon);
  const last = curve.at(-1);
  const clean = curve.find(({ epsilon }) => epsilon === 0) ?? curve[0];
  if (!own || !last || !clean) return null;
  const points = curve.map(({ epsilon, accuracy }) => `ε = ${short(epsilon)}: ${percent(accuracy.value)}`);

  const rise = curve.find(({ accuracy }, i) => i > 0 && accuracy.value > curve[i - 1]!.accuracy.value + 0.01);
  if (rise) return { what: `accuracy rises again at ε = ${short(rise.epsilon)}`, evidence: points };
  if (own.accuracy.value <= chance(report)) return null;

  const reach = relativeEpsilon(report, threat, last.epsilon);
  if (reach !== null && reach >= 0.5 && last.accuracy.value > chance(report)) {
    const what = `${percent(last.accuracy.value)} are still right at ε = ${short(last.epsilon)}, where every example can be turned into the same uniform one`;
    return { what, evidence: points };
  }
  const hadEffect = clean.accuracy.value - own.accuracy.value >= 0.05;
  const flat = last.epsilon >= 2 * threat.epsilon && own.accuracy.value - last.accuracy.value < 0.005;
  if (!hadEffect || !flat) return null;
  return {
    what: `accuracy stays at ${percent(last.accuracy.value)} from ε = ${short(own.epsilon)} to ε = ${short(last.epsilon)}`,
    evidence: points,
  };
}

/** Examples that a scores-only attack broke after gradient attacks had failed on them; null if too few to mean much. */
export function blackBoxFinds(threat: ThreatModelReport): { found: number; of: number; by: string } | null {
  // In l0 no attack climbs the loss within the ball, which is not convex: a search that outdoes σ-zero there is the usual case.
  if (threat.norm === 'l0') return null;
  const gradientRan = threat.attacks.findIndex(isIterative);
  if (gradientRan === -1) return null;
  const finds = threat.attacks
    .slice(gradientRan)
    .filter((attack) => isGradientFree(attack) && attack.attempted > 0)
    .map((attack) => ({ found: attack.broken, of: attack.attempted, by: attack.title }));
  const best = finds.sort((a, b) => b.found - a.found)[0];
  // AutoAttack flags 0.2 points after 100 iterations and more. Quick suites leave a few examples that any further attack
  // would break, so that alone is no sign: observed on honest networks are up to 1.5 points.
  const threshold = Math.max(5, 0.02 * (threat.robustAccuracy?.n ?? 0));
  return best && best.found >= threshold ? best : null;
}
