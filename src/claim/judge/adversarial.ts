import type { EvidenceReport } from '../evidence';
import type { StatedFigure } from '../extract';
import { agrees, gravest, overreaching, unsupported } from './agree';
import { unmeasuredAttack } from './attack';
import { isBroken, notRobust } from './broken';
import { changed } from './change';
import { judgeFigure } from './figure';
import { measuredAt, type Placed, type Point, placed } from './measured';
import { epsilonsOf, measuredOf, named, type Scope, selected } from './scope';
import { isShare, partsOf } from './stated';
import type { ModelSubject, Outcome } from './types';

/** A claim of robustness to attacks, or of a certificate, against the threat models that a report measured. */
export function adversarial(claim: ModelSubject, report: EvidenceReport): Outcome {
  const { kind, facts, nearby, sentence } = claim;
  const all = placed(report);
  if (all.length === 0) return unsupported('The report of this model measured no threat model; evaluate one.');
  const shares = facts.figures.filter(isShare);
  const ofAttacks = shares.filter(({ role }) => role === 'robust' || role === 'certified' || role === 'success');
  // "95 % accuracy, 62 % under attack": an accuracy that nothing qualifies is the clean one if it can be.
  const open = shares.filter(
    (figure) => figure.role === 'plain' && !(report.clean !== null && agrees(figure, report.clean)),
  );
  const stated = ofAttacks.length > 0 ? ofAttacks : open;
  const anyCertified = stated.some(({ role }) => role === 'certified');
  // In a claim of a certificate the figure is the certificate's, unless another one is.
  const isCertified = ({ role }: StatedFigure) =>
    role === 'certified' || (kind === 'certified' && !anyCertified && role !== 'success');
  const certified = kind === 'certified';
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
          judgeFigure(
            claim,
            report,
            all,
            part.figure,
            {
              named: named(part.text, all).length > 0 ? named(part.text, all) : byName,
              norms: part.norms.length > 0 ? part.norms : known.norms,
              epsilons: part.epsilons.length > 0 ? part.epsilons : known.epsilons,
              attacks: part.attacks,
              text: part.text,
            },
            isCertified(part.figure),
          ),
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

function withoutFigure(claim: ModelSubject, report: EvidenceReport, all: readonly Placed[], scope: Scope): Outcome {
  const certified = claim.kind === 'certified';
  const threats = selected(claim, all, scope);
  if ('verdict' in threats) return threats;
  const notRun = certified ? null : unmeasuredAttack(scope, threats, report.unit);
  if (notRun !== null) return overreaching(notRun);
  const epsilons = epsilonsOf(scope);
  const bare = claim.facts.figures.length === 0;
  for (const epsilon of epsilons) {
    const found = measuredAt(report, threats, epsilon, certified);
    if ('verdict' in found) return found;
    const broken = found.exact ?? found.below;
    if (!certified && bare && broken && broken.epsilon > 0 && isBroken(broken, report)) return notRobust(broken);
  }
  const point = robustAt(report, threats, scope, certified);
  return epsilons.length === 0
    ? unsupported('Without ε, the claim cannot be held against the report; state ε.')
    : unsupported(
        'The claim gives no figure that could be held against the report; state the robust accuracy.',
        point?.pointer,
      );
}
