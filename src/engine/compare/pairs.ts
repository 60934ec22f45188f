import { predictionChanges } from '../metric/flip';
import { holm } from '../metric/holm';
import { share } from '../metric/interval';
import { type PairedComparison, pairedComparison } from '../metric/paired';
import type { Report } from '../report/schema';
import { cleanOutcomes, robustOutcomes } from './alike';
import { threatOf } from './tradeOff';
import type { Churn, LeftOut, PairedTest, TradeOff } from './types';

/** Every two models on the same examples, as they are and under each threat model that both were evaluated under. */
export function pairedTests(
  reports: readonly Report[],
  apart: readonly (string | null)[],
  tradeOffs: readonly TradeOff[],
): { readonly paired: PairedTest[]; readonly leftOut: LeftOut[] } {
  const tests: (Omit<PairedTest, 'adjusted'> & PairedComparison)[] = [];
  const leftOut: LeftOut[] = [];
  const clean = reports.map(cleanOutcomes);
  const conditions = [
    { threat: null, outcomes: clean, suites: clean.map(() => '') },
    ...tradeOffs.map(({ key }) => {
      const threats = reports.map((report) => threatOf(report, key));
      const outcomes = reports.map((report, i) => (threats[i] ? robustOutcomes(report, threats[i]) : null));
      return { threat: key, outcomes, suites: threats.map((threat) => threat?.suite ?? '') };
    }),
  ];
  for (const [first, second] of pairs(reports.length)) {
    for (const { threat, outcomes, suites } of conditions) {
      const [one, other] = [outcomes[first] ?? null, outcomes[second] ?? null];
      // Where one was never evaluated so, nobody expects a test.
      if (one === null || other === null) continue;
      const because = apart[first] ?? apart[second] ?? reasonOf(one) ?? reasonOf(other);
      const reason = because ?? (suites[first] === suites[second] ? null : 'suites of attacks differ');
      const result = reason === null ? pairedComparison(one as Uint8Array, other as Uint8Array) : null;
      if (result === null) leftOut.push({ first, second, threat, reason: reason ?? 'no examples' });
      else tests.push({ first, second, threat, ...result });
    }
  }
  const adjusted = holm(tests.map(({ pValue }) => pValue));
  return { paired: tests.map((test, i) => ({ ...test, adjusted: adjusted[i]! })), leftOut };
}

function reasonOf(outcomes: Uint8Array | string): string | null {
  return typeof outcomes === 'string' ? outcomes : null;
}

/** Prediction churn (Milani Fard et al. 2016, Launch and Iterate) between every two models on the same examples. */
export function churns(reports: readonly Report[], apart: readonly (string | null)[]): Churn[] {
  return pairs(reports.length).flatMap(([first, second]) => {
    const { label, prediction: before } = reports[first]!.outcomes;
    const { prediction: after } = reports[second]!.outcomes;
    const whole = label.length > 0 && before.length === label.length && after.length === label.length;
    if (apart[first] !== null || apart[second] !== null || !whole) return [];
    const { changed, gained, lost, otherError } = predictionChanges(label, before, after);
    return [{ first, second, changed: share(changed, label.length), gained, lost, otherError }];
  });
}

function pairs(n: number): [number, number][] {
  return Array.from({ length: n }, (_, first) => first).flatMap((first) =>
    Array.from({ length: n - first - 1 }, (_, i): [number, number] => [first, first + 1 + i]),
  );
}
