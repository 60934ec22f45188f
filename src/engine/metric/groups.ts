import type { Figure } from '../report/schema';
import { share } from './interval';

/** Accuracy of the examples that share a value of one attribute: a folder, a column, a class. */
export interface GroupAccuracy {
  readonly name: string;
  readonly accuracy: Figure;
}

export interface GroupFigures {
  /** In the order of their names; groups without examples are not there. */
  readonly groups: readonly GroupAccuracy[];
  /** The group with the lowest accuracy (WILDS' worst group); of equals the one with more examples, then the first. Null without examples. */
  readonly worst: GroupAccuracy | null;
  /** Best less worst accuracy; null without examples. */
  readonly gap: number | null;
}

/**
 * Accuracy by group and the worst of them (Sagawa et al. 2020; Koh et al. 2021, WILDS: over non-empty groups).
 * @param groups [n] name of each example's group; null leaves an example out
 * @param correct [n] 0 or 1
 */
export function groupAccuracies(groups: readonly (string | null)[], correct: Uint8Array): GroupFigures {
  const counts = new Map<string, { right: number; n: number }>();
  for (let i = 0; i < groups.length; i++) {
    const name = groups[i];
    if (name === null || name === undefined) continue;
    const count = counts.get(name) ?? { right: 0, n: 0 };
    count.right += correct[i]!;
    count.n++;
    counts.set(name, count);
  }
  const table = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { right, n }]): GroupAccuracy => ({ name, accuracy: share(right, n) }));
  let worst: GroupAccuracy | null = null;
  let best = Number.NEGATIVE_INFINITY;
  for (const group of table) {
    const { value, n } = group.accuracy;
    best = Math.max(best, value);
    if (worst === null || value < worst.accuracy.value || (value === worst.accuracy.value && n > worst.accuracy.n))
      worst = group;
  }
  return { groups: table, worst, gap: worst === null ? null : best - worst.accuracy.value };
}
