import { corruptionByName } from '../corruption/registry';
import type { Corruption } from '../corruption/types';
import type { ResolvedSpec } from '../spec/schema';
import type { EvaluationFacts } from './stage/stage';

export interface PlannedCorruption {
  readonly corruption: Corruption;
  readonly severity: number;
}

/** The corruptions of a spec that the data can have, at each severity; what is left out, and why, goes into `notes`. */
export function plannedCorruptions(
  { corruptions }: Pick<ResolvedSpec, 'corruptions'>,
  facts: EvaluationFacts,
  notes: string[],
): PlannedCorruption[] {
  if (corruptions === null) return [];
  return corruptions.names.flatMap((name) => {
    const corruption = corruptionByName(name, corruptions.missing);
    const obstacle = obstacleTo(corruption, facts);
    if (obstacle === null) return corruptions.severities.map((severity) => ({ corruption, severity }));
    notes.push(`${corruption.title} was left out, ${obstacle}`);
    return [];
  });
}

function obstacleTo({ kinds, columns, channels, unbounded }: Corruption, facts: EvaluationFacts): string | null {
  if (!kinds.includes(facts.kind)) return `it is not defined for data of kind ${facts.kind}`;
  const has = facts.shape.length > 1 ? facts.shape[0]! : 1;
  if (channels !== undefined && has < channels) return `it takes ${channels} channels, and there is ${has}`;
  if (columns !== undefined) {
    const there = facts.columns?.continuous.length ?? 0;
    if (there >= columns) return null;
    return `it takes ${columns} numeric columns that are free to change, and there are ${there}`;
  }
  return facts.range === null && !unbounded ? 'since the data have no known range' : null;
}
