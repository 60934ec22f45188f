import type { EvidenceReport, MeasuredThreat } from '../evidence';
import { extractFacts, type Facts, type StatedFigure } from '../extract';
import type { Claim, MeasuredFigure } from '../types';
import { attackWordsOf, knowledgeWord, percentOf } from './wording';

/** What a report measured, beside what a sentence states of it. */
export interface ComparisonRow {
  /** `robust accuracy`, under `linf ε = 8/255, white-box`. */
  readonly measure: 'clean' | 'robust' | 'certified' | 'corruptions';
  /** Norm and ε, or empty. */
  readonly condition: string;
  /** What ran, and what the attacker knew; empty where nothing attacked. */
  readonly attacks: string;
  /** As the sentence writes it; null where it states nothing of this. */
  readonly stated: string | null;
  /** With its bound and 95 % interval: `≤ 48.1 % (45.0–51.2)`. */
  readonly measured: string;
  /** Examples behind it. */
  readonly n: number;
  /** The stated figure is not what was measured. */
  readonly differs: boolean;
}

function measuredText(figure: MeasuredFigure, bound: 'upper' | 'lower' | null): string {
  const sign = bound === 'upper' ? '≤ ' : bound === 'lower' ? '≥ ' : '';
  const interval = `${percentOf(figure.low, null)}–${percentOf(figure.high, null)}`;
  return `${sign}${percentOf(figure.value, bound)} % (${interval})`;
}

const near = (a: number, b: number) => Math.abs(a - b) <= 0.02 * b;

/** Whether a sentence that names norms and radii speaks of this threat model; one that names none speaks of any. */
function isMeant({ norms, epsilons }: Facts, { norm, epsilon }: MeasuredThreat): boolean {
  const sized = epsilons.some(({ value }) => near(value, epsilon) || near(value / 255, epsilon));
  return (norms.length === 0 || norms.includes(norm)) && (epsilons.length === 0 || sized);
}

/**
 * What the report measured of the kinds of figures that a claim may state, each beside the claim's own. Clean accuracy comes
 * first, then the threat models in the order of the report.
 */
export function compareClaim(claim: Claim, report: EvidenceReport): ComparisonRow[] {
  const facts = extractFacts(claim.text);
  const corrections = claim.evidence?.corrections ?? [];
  const left = [...facts.figures];
  const take = (wanted: (figure: StatedFigure) => boolean): Pick<ComparisonRow, 'stated' | 'differs'> => {
    const at = left.findIndex(wanted);
    if (at < 0) return { stated: null, differs: false };
    const [figure] = left.splice(at, 1);
    const { start, end } = figure!;
    const differs = corrections.some((one) => one.start < end && start < one.end);
    return { stated: claim.text.slice(start, end).trim(), differs };
  };
  const rows: ComparisonRow[] = [];
  if (report.clean) {
    const row = take(({ role }) => role === 'clean');
    rows.push({
      measure: 'clean',
      condition: '',
      attacks: '',
      measured: measuredText(report.clean, null),
      n: report.clean.n,
      ...row,
    });
  }
  const none = { stated: null, differs: false };
  for (const threat of report.threatModels) {
    const meant = isMeant(facts, threat);
    const condition = `${threat.norm} ε = ${threat.epsilonText}`;
    const { robustAccuracy: robust, certifiedAccuracy: certified } = threat;
    if (robust)
      rows.push({
        measure: 'robust',
        condition,
        attacks: `${attackWordsOf(threat)} (${knowledgeWord(threat.knowledge)})`,
        measured: measuredText(robust, 'upper'),
        n: robust.n,
        ...(meant && claim.kind !== 'corruption' ? take(({ role }) => role === 'robust') : none),
      });
    if (certified)
      rows.push({
        measure: 'certified',
        condition,
        attacks: '',
        measured: measuredText(certified, 'lower'),
        n: certified.n,
        ...(meant ? take(({ role }) => role === 'certified') : none),
      });
  }
  const { corruptions } = report;
  if (corruptions)
    rows.push({
      measure: 'corruptions',
      condition: '',
      attacks: '',
      measured: measuredText(corruptions.meanAccuracy, null),
      n: report.count,
      ...(claim.kind === 'corruption' ? take(({ role }) => role !== 'clean') : none),
    });
  return rows;
}
