import { share } from '../metric/interval';
import type { ThreatModelReport } from '../report/schema';
import { exampleOf, isPair, pairCount, targetOf } from './pairs';
import { isCorrect, type RunState, type ThreatState } from './state';

/** Of a targeted threat model: which classes were to be reached, and how often each was. */
export function targetReport(
  state: RunState,
  of: ThreatState,
  classes: readonly string[],
): Pick<ThreatModelReport, 'target'> {
  const { target } = of;
  if (target === null) return {};
  const pairs = new Int32Array(state.classes);
  const reached = new Int32Array(state.classes);
  let ownClass = 0;
  for (let pair = 0; pair < pairCount(state, of); pair++) {
    if (!isCorrect(state, exampleOf(of, pair))) continue;
    if (!isPair(state, of, pair)) {
      ownClass++;
      continue;
    }
    const wanted = targetOf(state, of, pair);
    pairs[wanted]!++;
    if (of.brokenBy[pair] !== -1) reached[wanted]!++;
  }
  const name = (k: number) => classes[k] ?? `class ${k}`;
  return {
    target: {
      rule: target.rule,
      class: target.class === null ? null : name(target.class),
      pairs: pairs.reduce((sum, n) => sum + n, 0),
      reached: reached.reduce((sum, n) => sum + n, 0),
      ownClass,
      byClass: [...pairs.keys()]
        .filter((k) => pairs[k]! > 0)
        .map((k) => ({ label: name(k), successRate: share(reached[k]!, pairs[k]!) })),
    },
  };
}
