import type { EnsembleThreat } from '../report/ensemble';
import { percent } from '../report/words';

/** What the figures of one threat model say of the ensemble, in two or three sentences. */
export function ensembleFinding({
  throughAll,
  inParts,
  members,
  gain,
}: Pick<EnsembleThreat, 'throughAll' | 'inParts' | 'members' | 'gain'>): string {
  if (throughAll === null) {
    const without = members.filter(({ alone }) => alone === null).map(({ name }) => name);
    return `There is no attack through all members${without.length > 0 ? `, since ${without.join(' and ')} ${without.length === 1 ? 'has' : 'have'} no gradient` : ''}: what the others withstand one at a time says little of the ensemble.`;
  }
  return [partsText(throughAll.value, inParts?.value ?? null), gainText(throughAll.value, members, gain)]
    .filter((text) => text !== null)
    .join(' ');
}

function partsText(all: number, parts: number | null): string | null {
  if (parts === null) return null;
  const gap = parts - all;
  if (gap > 0) {
    return `Attacked through all members the ensemble stands at ${percent(all)}; by what is made on one member at a time it would seem to stand at ${percent(parts)}, ${points(gap)} too many.`;
  }
  if (gap === 0) {
    return `The ensemble stands at ${percent(all)} whether it is attacked through all members or by what is made on one at a time.`;
  }
  return `What is made on one member at a time breaks the ensemble oftener than the attack through all members: it stands at ${percent(parts)}, not at ${percent(all)}, so its own gradient misleads.`;
}

function gainText(all: number, members: EnsembleThreat['members'], gain: EnsembleThreat['gain']): string | null {
  const best = members.find(({ name }) => name === gain?.against);
  if (gain === null || !best?.alone) return null;
  const against = `${best.name}, the member that stands best by itself (${percent(best.alone.value)})`;
  if (all === best.alone.value) return `Through all members it gains nothing over ${against}.`;
  const above = gain.difference > 0 ? 'above' : 'below';
  const told = gain.low > 0 || gain.high < 0 ? '' : ', which the sample does not tell from none';
  const interval = `95 % interval ${signed(gain.low)} to ${signed(gain.high)}, p ${probability(gain.pValue)}`;
  return `Through all members it is ${points(Math.abs(gain.difference))} ${above} ${against}${told} (${interval}).`;
}

const points = (difference: number) => `${(100 * difference).toFixed(1)} points`;
const signed = (difference: number) => `${difference < 0 ? '−' : ''}${(100 * Math.abs(difference)).toFixed(1)}`;
const probability = (p: number) => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`);
