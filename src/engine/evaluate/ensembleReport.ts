import { share } from '../metric/interval';
import { pairedComparison } from '../metric/paired';
import type { EnsembleReport, EnsembleThreat } from '../report/ensemble';
import { ensembleFinding } from './ensembleFinding';
import type { EnsembleThreatState } from './ensembleState';
import type { RunState } from './state';

/** The members by themselves and against the whole, as far as all examples were seen; nothing of a single model. */
export function ensembleReport({ ensemble, label, count }: RunState): { ensemble?: EnsembleReport } {
  if (!ensemble || ensemble.seen < count || count === 0) return {};
  const { names, predictions } = ensemble;
  const number = (test: (index: number) => boolean): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) if (test(i)) sum++;
    return sum;
  };
  const figure = (test: (index: number) => boolean) => share(number(test), count);
  const first = predictions[0]!;
  return {
    ensemble: {
      members: names.map((name, m) => ({ name, accuracy: figure((i) => predictions[m]![i] === label[i]) })),
      agreement: figure((i) => predictions.every((own) => own[i] === first[i])),
      anyRight: figure((i) => predictions.some((own) => own[i] === label[i])),
      allRight: figure((i) => predictions.every((own) => own[i] === label[i])),
      disagreement: names.flatMap((one, a) =>
        names.slice(a + 1).map((other, k) => ({
          first: one,
          second: other,
          share: figure((i) => predictions[a]![i] !== predictions[a + 1 + k]![i]),
        })),
      ),
      threatModels: ensemble.threats.filter(({ done }) => done).map(threatReport),
    },
  };
}

function threatReport({ threatModel, attack, throughAll, rows }: EnsembleThreatState): EnsembleThreat {
  const n = rows.right.length;
  const figure = (standing: readonly number[]) => share(total(standing), standing.length);
  const tried = rows.members.filter(({ attacked }) => attacked);
  const inParts = rows.right.map((right, i) => (right && tried.every(({ transfer }) => transfer[i] === 1) ? 1 : 0));
  const found = {
    throughAll: throughAll ? figure(rows.standing) : null,
    inParts: tried.length === 0 ? null : figure(inParts),
    members: rows.members.map(({ name, attacked, right, alone, transfer, onEnsemble }) => ({
      name,
      clean: figure(right),
      alone: attacked ? figure(alone) : null,
      transfer: attacked ? figure(transfer) : null,
      onEnsemble: onEnsemble.length === 0 ? null : figure(onEnsemble),
    })),
    gain: throughAll ? gainOf(rows) : null,
  };
  return { threatModel, attack, n, finding: ensembleFinding(found), clean: figure(rows.right), ...found };
}

/** Against the member that stands best by itself: an ensemble is worth its cost only beyond that one. */
function gainOf(rows: EnsembleThreatState['rows']): EnsembleThreat['gain'] {
  const tried = rows.members.filter(({ attacked }) => attacked);
  const best = tried.reduce<(typeof tried)[number] | null>(
    (most, each) => (most === null || total(each.alone) > total(most.alone) ? each : most),
    null,
  );
  if (best === null) return null;
  const compared = pairedComparison(Uint8Array.from(rows.standing), Uint8Array.from(best.alone));
  if (compared === null) return null;
  const { value, low, high } = compared.difference;
  return {
    against: best.name,
    difference: value,
    low,
    high,
    onlyEnsemble: compared.onlyFirst,
    onlyMember: compared.onlySecond,
    pValue: compared.pValue,
  };
}

function total(rows: readonly number[]): number {
  return rows.reduce((sum, value) => sum + value, 0);
}
