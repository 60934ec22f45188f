import { type GroupFigures, groupAccuracies } from '../metric/groups';
import type { GroupsReport } from '../report/cleanSchema';
import type { Report } from '../report/schema';
import { exampleBrokenBy } from './pairs';
import { isCorrect, type RunState } from './state';

/** Clean and robust accuracy by group of the examples seen so far; nothing where the spec names no groups. */
export function groupsReport(state: RunState, spec: Report['spec']): { groups?: GroupsReport } {
  const names = state.groups?.slice(0, state.seen) ?? [];
  const right = (standing: (index: number) => boolean) =>
    Uint8Array.from(names, (_, i) => (isCorrect(state, i) && standing(i) ? 1 : 0));
  const clean = groupAccuracies(
    names,
    right(() => true),
  );
  const worst = worstOf(clean);
  if (worst === null) return {};
  const threats = state.threats
    .filter((of) => of.attacks.some(({ started }) => started))
    .map((of) => ({
      name: of.threat.name,
      figures: groupAccuracies(
        names,
        right((i) => exampleBrokenBy(of, i) === -1),
      ),
    }));
  return {
    groups: {
      by: groupName(spec),
      rows: clean.groups.map(({ name, accuracy }, row) => ({
        name,
        accuracy,
        // The groups are the same ones in the same order, whatever is counted.
        robustAccuracy: Object.fromEntries(
          threats.flatMap((threat) => {
            const figure = threat.figures.groups[row]?.accuracy;
            return figure === undefined ? [] : [[threat.name, figure]];
          }),
        ),
      })),
      clean: worst,
      robust: threats.flatMap(({ name, figures }) => {
        const own = worstOf(figures);
        return own === null ? [] : [{ threatModel: name, ...own }];
      }),
    },
  };
}

function worstOf({ worst, gap }: GroupFigures): GroupsReport['clean'] | null {
  return worst === null || gap === null ? null : { worst: worst.name, accuracy: worst.accuracy, gap };
}

function groupName(spec: Report['spec']): string {
  const { data } = spec as { data?: { test?: { groups?: string } } };
  return data?.test?.groups ?? 'group';
}
