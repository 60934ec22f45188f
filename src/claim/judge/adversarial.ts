import type { Norm } from '../../engine/attack/types';
import type { EvidenceReport, MeasuredThreat } from '../evidence';
import type { StatedFigure } from '../extract';
import {
  agrees,
  complement,
  conditionOf,
  contradicted,
  exceeds,
  fallsShort,
  gravest,
  interval,
  overreaching,
  share,
  supported,
  unsupported,
} from './agree';
import { underAttacks, unmeasuredAttack } from './attack';
import { changed } from './change';
import { measuredAt, type Placed, type Point, placed } from './measured';
import { isShare, type Part, partsOf, quantityOf, statedGoal } from './stated';
import type { ModelSubject, Outcome } from './types';
import { voidedBy } from './void';

const nameOf = (name: string) =>
  new RegExp(`(?<![\\p{L}\\d_-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\d_-])`, 'u');

/** Threat models that the claim names as the spec calls them; "adversarial" or "linf" alone are words. */
function named(text: string, threats: readonly Placed[]): Placed[] {
  return threats.filter(({ threat }) => /\d|[-_]/.test(threat.name) && nameOf(threat.name).test(text));
}

/** A claim of robustness to attacks, or of a certificate, against the threat models that a report measured. */
export function adversarial(claim: ModelSubject, report: EvidenceReport): Outcome {
  const { kind, facts, nearby, sentence } = claim;
  const certified = kind === 'certified';
  const all = placed(report);
  if (all.length === 0) return unsupported('The report of this model measured no threat model; evaluate one.');
  const stated = facts.figures.filter(
    (figure) =>
      isShare(figure) &&
      (figure.role === (certified ? 'certified' : 'robust') || (!certified && figure.role === 'success')),
  );
  const parts = partsOf(claim, stated);
  const changes = facts.figures.filter(({ role }) => role === 'change');
  const byName = named(sentence.plain, all);
  // What the sentence leaves open, its surroundings may say; but they may speak of several things.
  const known: Scope = {
    named: byName,
    norms: facts.norms.length > 0 ? facts.norms : measuredOf(nearby.norms, all),
    epsilons: facts.epsilons.length > 0 ? facts.epsilons : nearby.epsilons,
    attacks: facts.attacks,
    text: sentence.plain,
  };
  const outcomes =
    parts.length > 0
      ? parts.map((part) =>
          judgeFigure(claim, report, all, part, {
            named: named(part.text, all).length > 0 ? named(part.text, all) : byName,
            norms: part.norms.length > 0 ? part.norms : known.norms,
            epsilons: part.epsilons.length > 0 ? part.epsilons : known.epsilons,
            attacks: part.attacks,
            text: part.text,
          }),
        )
      : [withoutFigure(claim, report, all, known)];
  if (changes.length > 0) {
    const scope = selected(claim, all, known);
    outcomes.push(
      ...changes.map((figure) =>
        'verdict' in scope ? scope : changeAt(claim, report, figure, robustAt(report, scope, known, certified)),
      ),
    );
    // A change that the report bears out is a figure too.
    if (parts.length === 0) outcomes.shift();
  }
  return gravest(outcomes)!;
}

/** What a figure, or a claim without one, is said of. */
interface Scope extends Pick<Part, 'norms' | 'epsilons' | 'attacks' | 'text'> {
  readonly named: readonly Placed[];
}

/** Norms that surround a sentence are its own only as far as they were measured; if none was, they say what is missing. */
function measuredOf(norms: readonly Norm[], all: readonly Placed[]): readonly Norm[] {
  const measured = norms.filter((norm) => all.some(({ threat }) => threat.norm === norm));
  return measured.length > 0 ? measured : norms;
}

const isBlackBox = ({ threat }: Placed) => threat.knowledge !== 'white-box';

/** The threat models that a claim can be held against, nearest first, or why there are none. */
function selected(claim: ModelSubject, all: readonly Placed[], scope: Scope): Placed[] | Outcome {
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

/** The measured point that a claim is about, where only one can be. */
function robustAt(report: EvidenceReport, threats: readonly Placed[], scope: Scope, certified: boolean): Point | null {
  const epsilons = epsilonsOf(scope);
  if (epsilons.length !== 1) return null;
  const found = measuredAt(report, threats, epsilons[0]!, certified);
  return 'verdict' in found ? null : found.exact;
}

function changeAt(claim: ModelSubject, report: EvidenceReport, figure: StatedFigure, point: Point | null): Outcome {
  const other = claim.baseline && point ? underSame(claim.baseline, point) : null;
  return changed(claim, report, figure, point, other, point?.threat.name);
}

/** The robust accuracy of another model under the same condition. */
function underSame(report: EvidenceReport, { epsilon, threat: { norm, goal } }: Point): Point['figure'] | null {
  const threats = placed(report).filter(({ threat }) => threat.norm === norm && threat.goal === goal);
  const found = measuredAt(report, threats, { value: epsilon, text: String(epsilon) }, false);
  return 'verdict' in found ? null : (found.exact?.figure ?? null);
}

/** The ε that is stated, or that of the threat model that is named. */
function epsilonsOf(scope: Scope): Scope['epsilons'] {
  const { threat } = scope.named[0] ?? {};
  return scope.named.length === 1 && threat ? [{ value: threat.epsilon, text: threat.epsilonText }] : scope.epsilons;
}

function withoutFigure(claim: ModelSubject, report: EvidenceReport, all: readonly Placed[], scope: Scope): Outcome {
  const certified = claim.kind === 'certified';
  const threats = selected(claim, all, scope);
  if ('verdict' in threats) return threats;
  const notRun = certified ? null : unmeasuredAttack(scope, threats, report.unit);
  if (notRun !== null) return overreaching(notRun);
  const epsilons = epsilonsOf(scope);
  for (const epsilon of epsilons) {
    const found = measuredAt(report, threats, epsilon, certified);
    if ('verdict' in found) return found;
    const broken = found.exact ?? found.below;
    if (!certified && broken && broken.epsilon > 0 && isBroken(broken, report)) return notRobust(broken);
  }
  const point = robustAt(report, threats, scope, certified);
  return epsilons.length === 0
    ? unsupported('Without ε, the claim cannot be held against the report; state ε.')
    : unsupported(
        'The claim gives no figure that could be held against the report; state the robust accuracy.',
        point?.pointer,
      );
}

function judgeFigure(
  claim: ModelSubject,
  report: EvidenceReport,
  all: readonly Placed[],
  part: Part,
  scope: Scope,
): Outcome {
  const { figure } = part;
  const certified = claim.kind === 'certified';
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

export const pitfallPointer = (report: EvidenceReport, pitfall: EvidenceReport['pitfalls'][number]) =>
  `/pitfalls/${report.pitfalls.indexOf(pitfall)}`;

/** Whether attacks leave less than guessing would. */
export function isBroken({ figure }: Pick<Point, 'figure'>, report: EvidenceReport): boolean {
  return figure.high < 1 / Math.max(2, report.classes);
}

export const notRobust = (point: Point): Outcome =>
  contradicted(
    `The report measured a robust accuracy of at most ${interval(point.figure)} (${point.at}): the model is not robust; withdraw the claim or retrain.`,
    point.pointer,
  );

/** Of a claim of bare robustness: the threat model that leaves most, if even that is below chance. */
export function collapsed(report: EvidenceReport): Point | null {
  const own = placed(report).flatMap(({ threat, place }): Point[] =>
    threat.robustAccuracy ? [ownPoint(threat, place, threat.robustAccuracy)] : [],
  );
  const best = own.sort((a, b) => b.figure.value - a.figure.value)[0];
  return best && isBroken(best, report) ? best : null;
}

const ownPoint = (threat: MeasuredThreat, place: number, figure: Point['figure']): Point => ({
  threat,
  place,
  figure,
  pointer: `/threatModels/${place}/robustAccuracy`,
  at: conditionOf(threat),
  epsilon: threat.epsilon,
  own: true,
});
