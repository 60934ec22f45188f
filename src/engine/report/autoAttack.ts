import type { ThreatModelReport } from './schema';

/** AutoAttack's standard version: iterations of its attacks, queries of the last (Croce & Hein 2020, §6). */
const standardVersion = { 'apgd-ce': 100, 'apgd-t': 100, 'fab-t': 100, square: 5000 } as const;
/** In l1 its first attack starts five times (Croce & Hein 2021, §5). */
const restartsInL1 = 5;

type Row = Pick<ThreatModelReport['attacks'][number], 'name' | 'iterations' | 'restarts' | 'sample'>;

/** Whether all attacks of AutoAttack's standard version ran on all examples, with its budgets or more. */
export function holdsAutoAttack({ norm, attacks }: { norm: string; attacks: readonly Row[] }): boolean {
  return Object.entries(standardVersion).every(([name, least]) => {
    const restarts = norm === 'l1' && name === 'apgd-ce' ? restartsInL1 : 1;
    return attacks.some(
      (row) => row.name === name && row.sample !== true && row.iterations >= least && row.restarts >= restarts,
    );
  });
}
