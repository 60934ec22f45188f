import { share } from '../metric/interval';
import type { Figure, Report } from '../report/schema';
import { cleanOutcomes, robustOutcomes } from './alike';
import type { TermName } from './context';
import { sharedCorruption } from './corruption';
import { threatOf } from './tradeOff';
import type { TradeOff } from './types';

/** A term before it is weighed: of each candidate a figure, and the outcomes that it is the share of, where they are known. */
export interface OpenTerm {
  readonly name: TermName;
  readonly text: string;
  readonly figures: readonly Figure[];
  /** By candidate [n] 0 or 1; null where a report holds the figure alone. */
  readonly outcomes: readonly Uint8Array[] | null;
}

/** What all candidates have a figure of, and why the rest is not weighed. */
export function termsOf(
  reports: readonly Report[],
  tradeOffs: readonly TradeOff[],
): { readonly terms: OpenTerm[]; readonly absent: string[] } {
  const terms: OpenTerm[] = [];
  const absent: string[] = [];

  const clean = reports.map((report) => report.clean!.accuracy);
  terms.push({ name: 'clean', text: 'right on the examples as they are', figures: clean, outcomes: cleanOf(reports) });

  const corruption = sharedCorruption(reports);
  if (corruption === null) {
    absent.push('Corruption accuracy: not all models were evaluated under the same corruptions.');
  } else {
    const text = `right under corruption, mean of ${corruption.shared} corruptions and severities${corruption.dropped ? ' that all were given' : ''}`;
    terms.push({ name: 'corruption', text, figures: corruption.figures, outcomes: null });
  }

  const worst = worstOf(reports, tradeOffs);
  if (typeof worst === 'string') absent.push(`Worst-case accuracy: ${worst}`);
  else terms.push(worst);

  const errors = reports.map((report) => report.clean?.ece ?? null);
  if (errors.some((error) => error === null)) {
    absent.push('Calibration: not all models have a calibration error.');
  } else {
    const figures = errors.map((e) => ({ value: 1 - e!.value, low: 1 - e!.high, high: 1 - e!.low, n: e!.n }));
    terms.push({ name: 'calibration', text: '1 − expected calibration error', figures, outcomes: null });
  }
  return { terms, absent };
}

function cleanOf(reports: readonly Report[]): Uint8Array[] | null {
  const outcomes = reports.map(cleanOutcomes).filter((each) => typeof each !== 'string');
  return outcomes.length === reports.length ? outcomes : null;
}

/**
 * Share of examples that stand under every threat model that all candidates share: the union of attackers (Tramèr & Boneh 2019,
 * §2), since an attacker picks the change that works.
 */
function worstOf(reports: readonly Report[], tradeOffs: readonly TradeOff[]): OpenTerm | string {
  const shared = tradeOffs.filter(({ key, points }) => {
    const threats = reports.map((report) => threatOf(report, key));
    return (
      points.length >= reports.length &&
      threats.every((threat) => threat?.robustAccuracy) &&
      new Set(threats.map((threat) => threat?.suite)).size === 1
    );
  });
  if (shared.length === 0) {
    return 'there is no threat model under which all models were attacked by the same suite. The choice knows no worst case.';
  }
  const text = `stands under ${shared.map(({ label }) => label).join(' and ')}, an upper bound`;
  const outcomes: Uint8Array[] = [];
  for (const report of reports) {
    const standing = shared.map(({ key }) => robustOutcomes(report, threatOf(report, key)!));
    const whole = standing.filter((each) => typeof each !== 'string');
    if (whole.length < standing.length) break;
    const n = report.data.count;
    outcomes.push(Uint8Array.from({ length: n }, (_, i) => (whole.every((each) => each[i] === 1) ? 1 : 0)));
  }
  if (outcomes.length === reports.length) {
    const figures = outcomes.map((each) => share(sum(each), each.length));
    return { name: 'worst', text, figures, outcomes };
  }
  // Without outcomes the union is not known; the lowest of the figures bounds it.
  const lowest = (report: Report) =>
    shared
      .map(({ key }) => threatOf(report, key)!.robustAccuracy!)
      .reduce((low, figure) => (figure.value < low.value ? figure : low));
  return { name: 'worst', text, figures: reports.map(lowest), outcomes: null };
}

function sum(bits: Uint8Array): number {
  let total = 0;
  for (const bit of bits) total += bit;
  return total;
}
