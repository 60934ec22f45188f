import { holdsAutoAttack } from '../../engine/report/autoAttack';
import { namedAttack } from '../attackNames';
import type { EvidenceReport } from '../evidence';
import { conditionOf, sameEpsilon } from './agree';
import type { Placed, Point } from './measured';
import type { Part } from './stated';
import type { Measured } from './types';

/** Attacks that climb the loss in many steps: "PGD" in prose is any of them. */
const ascents = ['pgd', 'apgd-ce', 'apgd-dlr', 'apgd-t', 'pgd-odi', 'mt-pgd'];

/** Names in a report that are the attack that prose calls so. */
function measuredAs(attack: string): readonly string[] {
  if (attack === 'pgd') return ascents;
  if (attack === 'single-step') return ['fgsm'];
  return namedAttack(attack)?.measuredAs ?? [attack];
}

/** Attacks that were given all examples. */
const onAll = ({ threat }: Placed) => threat.attacks.filter(({ sample }) => sample !== true);

/** Why the report is no evidence for an attack that the claim names; null where it is. */
export function unmeasuredAttack(
  { attacks, epsilons }: Pick<Part, 'attacks' | 'epsilons'>,
  threats: readonly Placed[],
  unit: number,
): string | null {
  // A curve is measured by one attack, so only threat models at the stated ε say which attacks ran there.
  const meant =
    epsilons.length === 0
      ? threats
      : threats.filter(({ threat }) =>
          epsilons.some(({ value }) => sameEpsilon(value, threat.epsilon, unit, threat.norm)),
        );
  const ran = [...new Set(meant.flatMap((threat) => onAll(threat).map(({ name }) => name)))];
  const instead = ran.length > 0 ? `ran ${ran.join(', ')}` : 'ran no attack at this ε';
  if (attacks.includes('autoattack') && !meant.some(({ threat }) => holdsAutoAttack(threat)))
    return `This claims a result under AutoAttack, but the report ${instead}, which is not its standard version; run the standard suite, or name the attacks that ran.`;
  if (ran.length === 0) return null;
  for (const name of attacks) {
    const { measuredAs: names, title } = namedAttack(name) ?? {};
    if (names === undefined || names.some((one) => ran.includes(one))) continue;
    return `This claims a result under ${title ?? name}, but the report ${instead}; run it, or name the attacks that ran.`;
  }
  return null;
}

/** What a report knows of the accuracy under the attacks that a claim names, at a threat model's own ε. */
export interface UnderAttacks {
  /** Figures that the claim may mean: under these attacks alone, or after them in the cascade. */
  readonly figures: readonly (Measured & { readonly alone: boolean })[];
  /** The most that these attacks alone can have left, as a share. */
  readonly most: number | null;
}

/**
 * `accuracyAfter` of a cascade counts what the attacks before broke too, so it is one attack's own only for the first; the checks of
 * the evaluation measured FGSM and PGD by themselves on a sample. Any other attack alone left at least its `accuracyAfter`, and at
 * most the clean accuracy less what it was first to break.
 */
export function underAttacks(
  report: EvidenceReport,
  point: Point,
  attacks: readonly string[],
  text: string,
): UnderAttacks {
  // "APGD" is read as PGD too.
  const named = attacks.filter((name) => name !== 'pgd' || !attacks.includes('apgd') || /(?<![a-z-])pgd/i.test(text));
  if (!point.own || named.length === 0 || named.includes('autoattack')) return { figures: [], most: null };
  const { threat, place } = point;
  const rows = threat.attacks.map((row, i) => ({ row, i }));
  const first = rows.find(({ row }) => row.sample !== true);
  const meant = rows.filter(
    ({ row }) => row.sample !== true && named.some((name) => measuredAs(name).includes(row.name)),
  );
  const cumulative = meant.map(({ row, i }) => ({
    figure: row.accuracyAfter,
    pointer: `/threatModels/${place}/attacks/${i}/accuracyAfter`,
    at: `${conditionOf(threat)}, after ${row.name}`,
    alone: i === first?.i,
  }));
  const alone = report.alone
    .filter((one) => one.threatModel === threat.name && named.some((name) => measuredAs(name).includes(one.attack)))
    .map(({ accuracy, pointer, attack }) => ({
      figure: accuracy,
      pointer,
      at: `${conditionOf(threat)}, ${attack} alone on ${accuracy.n} examples`,
      alone: true,
    }));
  const broken = Math.max(0, ...meant.map(({ row }) => row.broken ?? 0));
  const n = threat.robustAccuracy?.n ?? report.count;
  return {
    figures: [...cumulative, ...alone],
    most: report.clean && n > 0 ? report.clean.high - broken / n : null,
  };
}
