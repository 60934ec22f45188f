import type { EvidenceReport } from '../evidence';
import type { StatedFigure } from '../extract';
import {
  agrees,
  complement,
  conditionOf,
  contradicted,
  exceeds,
  fallsShort,
  interval,
  overreaching,
  share,
  supported,
  unsupported,
} from './agree';
import { underAttacks, unmeasuredAttack } from './attack';
import { measuredAt, type Placed, type Point } from './measured';
import { epsilonsOf, isBlackBox, type Scope, selected } from './scope';
import { quantityOf, statedGoal } from './stated';
import type { ModelSubject, Outcome } from './types';
import { pitfallPointer, voidedBy } from './void';

/**
 * One figure of a claim against the threat models of a report.
 *
 * @param certified whether it is of a certificate
 */
export function judgeFigure(
  claim: ModelSubject,
  report: EvidenceReport,
  all: readonly Placed[],
  figure: StatedFigure,
  scope: Scope,
  certified: boolean,
): Outcome {
  const threats = selected(claim, all, scope);
  if ('verdict' in threats) return threats;
  const epsilons = epsilonsOf(scope);
  const notRun = certified ? null : unmeasuredAttack({ ...scope, epsilons }, threats, report.unit);
  if (notRun !== null) return overreaching(notRun);
  if (epsilons.length === 0) {
    const only = threats.length === 1 ? threats[0]! : null;
    const { threat, place } = only ?? {};
    const measured = threat && (certified ? threat.certifiedAccuracy : threat.robustAccuracy);
    const pointer = `/threatModels/${place}/${certified ? 'certifiedAccuracy' : 'robustAccuracy'}`;
    const quantity = quantityOf(claim.sentence.plain, figure, claim.facts.figures);
    const comparable = (quantity === 'accuracy' || quantity === 'error') && figure.role !== 'success';
    if (threat && measured && comparable) {
      const said = quantity === 'error' ? complement(measured) : measured;
      if (!agrees(figure, said)) return wrongFigure(figure, said, conditionOf(threat), pointer);
    }
    return unsupported('Without ε, the claim cannot be held against the report; state ε.', measured ? pointer : null);
  }
  if (epsilons.length > 1)
    return unsupported(
      'The claim names several ε, and it is not clear which of them the figure is for; give each its own.',
    );
  const found = measuredAt(report, threats, epsilons[0]!, certified);
  if ('verdict' in found) return found;
  const point = found.exact ?? found.above ?? found.below!;
  const fault = voidedBy(report, certified ? 'clean' : 'robust', point.threat.name);
  if (fault)
    return contradicted(`The evaluation behind this figure is void: ${fault.message}`, pitfallPointer(report, fault));
  if (figure.role === 'success') return successRate(figure, found.exact, scope);
  const quantity = quantityOf(claim.sentence.plain, figure, claim.facts.figures);
  if (quantity !== 'accuracy' && quantity !== 'error')
    return unsupported(
      'The report gives accuracies under attack, and not this measure; state the accuracy.',
      point.pointer,
    );
  const said = (measured: Point['figure']) => (quantity === 'error' ? complement(measured) : measured);
  const { above, below, exact } = found;
  if (!exact) {
    const nothing = `Nothing was measured at ε = ${epsilons[0]!.text}; evaluate there, or claim what was measured (${point.at}: ${interval(point.figure)}).`;
    if (above && agrees(figure, said(above.figure))) return supported(above.pointer);
    const beyond =
      below && (quantity === 'error' ? fallsShort(figure, said(below.figure)) : exceeds(figure, said(below.figure)));
    return beyond
      ? wrongFigure(figure, said(below.figure), below.at, below.pointer)
      : unsupported(nothing, point.pointer);
  }
  const goal = statedGoal(claim.sentence.plain);
  const weaker =
    (claim.facts.knowledge === 'black-box' && !isBlackBox(exact)) ||
    (goal === 'targeted' && exact.threat.goal !== 'targeted');
  const { figures, most } = certified
    ? { figures: [], most: null }
    : underAttacks(report, exact, scope.attacks, scope.text);
  const accepted = [{ ...exact, alone: false }, ...figures];
  const match = accepted.find((one) => agrees(figure, said(one.figure)));
  if (match) return supported(match.pointer);
  if (weaker && !exceeds(figure, { high: 1 }))
    return unsupported(
      'The report measured a stronger attacker than this one, so the figure cannot be held against it; evaluate this attacker, or claim what was measured.',
      exact.pointer,
    );
  return besides(
    figure,
    accepted.map((one) => ({ ...one, figure: said(one.figure) })),
    most,
    quantity === 'error',
  );
}

/** A figure that is none of those measured: between them, beyond them, or one that nobody recorded. */
function besides(
  figure: StatedFigure,
  accepted: readonly { figure: Point['figure']; pointer: string; at: string; alone: boolean }[],
  most: number | null,
  isError: boolean,
): Outcome {
  const low = Math.min(...accepted.map((one) => one.figure.low));
  const high = Math.max(...accepted.map((one) => one.figure.high));
  const [whole] = accepted;
  if (!exceeds(figure, { high }) && !fallsShort(figure, { low }))
    return unsupported(
      `The report measured ${accepted.map((one) => `${interval(one.figure)} (${one.at})`).join(' and ')}, and this lies between; say which it is.`,
      whole!.pointer,
    );
  const alone = accepted.some((one) => one.alone);
  const recorded = accepted.length > 1;
  const within =
    most !== null && !isError && recorded && !alone && exceeds(figure, { high }) && !exceeds(figure, { high: most });
  if (within)
    return unsupported(
      `The report counts what stood after this attack and those before it (${interval(whole!.figure)} after all), not under this attack alone; state that figure.`,
      whole!.pointer,
    );
  // The nearest of the figures that it may mean.
  const distance = (one: { figure: Point['figure'] }) => Math.abs(one.figure.value - figure.value);
  const nearest = [...accepted].sort((a, b) => distance(a) - distance(b))[0]!;
  return wrongFigure(figure, nearest.figure, nearest.at, nearest.pointer);
}

function successRate(figure: StatedFigure, exact: Point | null, scope: Scope): Outcome {
  const measured = exact?.own ? exact.threat.attackSuccessRate : null;
  if (!exact || !measured)
    return unsupported('No attack success rate was measured at this ε; evaluate there, or state the robust accuracy.');
  const pointer = `/threatModels/${exact.place}/attackSuccessRate`;
  if (agrees(figure, measured)) return supported(pointer);
  // One attack of several alone can only have had less success.
  const one = scope.attacks.length === 1 && exact.threat.attacks.length > 1 && !scope.attacks.includes('autoattack');
  if (one && fallsShort(figure, measured))
    return unsupported(
      `The report counts the success of all attacks together (${interval(measured)}), not of this one alone; state that figure.`,
      pointer,
    );
  return contradicted(
    `The report measured an attack success rate of ${interval(measured)}, not ${share(figure.value)}; correct the figure.`,
    pointer,
    [{ figure, measured }],
  );
}

const wrongFigure = (figure: StatedFigure, measured: Point['figure'], at: string, pointer: string): Outcome =>
  contradicted(
    `The report measured ${interval(measured)} (${at}), not ${share(figure.value)}; correct the figure or evaluate again.`,
    pointer,
    [{ figure, measured }],
  );
