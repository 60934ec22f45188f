import type { ResolvedSpec } from '../spec/schema';
import { perturbationByName, perturbationsFor } from '../stability/registry';
import { emptySequences, type SequenceTally, stabilityStage } from './stage/stability';
import type { EvaluationFacts, Stage } from './stage/stage';

export interface StabilityPlan {
  readonly stages: readonly Stage[];
  /** What the stages fill. */
  readonly tallies: readonly SequenceTally[];
}

/**
 * Sequences of small perturbations, where the spec asks for them and the data can have them.
 * @param record an example holds several inputs of the model, of which nobody knows what a small change is
 */
export function stabilityPlan(
  { stability }: Pick<ResolvedSpec, 'stability'>,
  facts: EvaluationFacts,
  notes: string[],
  record = false,
): StabilityPlan {
  if (stability === undefined) return { stages: [], tallies: [] };
  if (record) {
    notes.push('sequences of perturbations were left out, an example holds several inputs of the model');
    return { stages: [], tallies: [] };
  }
  const { names, limit, frames } = stability;
  const wanted = names === null ? perturbationsFor(facts.kind) : names.map(perturbationByName);
  const tallies: SequenceTally[] = [];
  for (const perturbation of wanted) {
    const obstacle = obstacleTo(perturbation, facts);
    if (obstacle === null) tallies.push(emptySequences(perturbation, facts, frames));
    else notes.push(`sequences of ${perturbation.title.toLowerCase()} were left out, ${obstacle}`);
  }
  if (wanted.length === 0) notes.push(`there are no sequences for data of kind ${facts.kind}`);
  const stages = tallies.map((tally) => stabilityStage(tally, limit, frames, facts.range, facts) as Stage);
  return { stages, tallies };
}

function obstacleTo(
  { kinds, columns }: ReturnType<typeof perturbationByName>,
  { kind, range, columns: known }: EvaluationFacts,
): string | null {
  if (!kinds.includes(kind)) return `they are not defined for data of kind ${kind}`;
  const there = known?.continuous.length ?? 0;
  if (columns !== undefined && there < columns) return 'there is no numeric column that is free to change';
  return kind === 'image' && range === null ? 'since the data have no known range' : null;
}
