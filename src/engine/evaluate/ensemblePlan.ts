import type { OpenedModel } from '../model';
import type { ResolvedSpec } from '../spec/schema';
import { attackThreat } from './plan';
import { canCompareParts, membersStage, partsStage } from './stage/ensemble';
import type { EvaluationFacts, Stage } from './stage/stage';

/** What an evaluation does with several files that it does not do with one; nothing for one. */
export function ensembleStages(
  { members, facts: model, throughLogits }: Pick<OpenedModel, 'members' | 'facts' | 'throughLogits'>,
  spec: Pick<ResolvedSpec, 'threatModels'>,
  facts: EvaluationFacts,
): Stage[] {
  if (!members) return [];
  const stages: Stage[] = [membersStage(members, facts) as Stage];
  // Of random members a single pass says nothing, and expectations over all of them cost more than the section tells.
  if (model.random !== undefined) return stages;
  spec.threatModels.forEach((threat, i) => {
    const own = attackThreat(threat, facts.shape);
    const comparable = threat.knowledge === 'white-box' && threat.goal === 'untargeted';
    if (comparable && canCompareParts(own, members, facts.classes.length)) {
      stages.push(partsStage(i, threat.name, own, members, facts, throughLogits) as Stage);
    }
  });
  return stages;
}
