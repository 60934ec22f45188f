import { ballNorms } from '../attack/geometry';
import type { Attack, AttackThreat } from '../attack/types';
import { RobustnessError } from '../error';
import type { ResolvedSpec, ResolvedThreatModel } from '../spec/schema';
import type { Plan, PlannedAttack } from './plan';
import { emptySpatial, spatialStage } from './stage/spatial';
import type { EvaluationFacts, Stage } from './stage/stage';
import { emptyUniversal, universalStages } from './stage/universal';
import type { RunState } from './state';

/**
 * A cascade with attacks from other models: after those of an attacker who sees gradients, who seldom needs them, and before
 * those of one who pays for each query.
 */
export function withTransfers(
  cascade: readonly PlannedAttack[],
  transfers: readonly Attack[],
  { knowledge }: Pick<ResolvedThreatModel, 'knowledge'>,
): PlannedAttack[] {
  // One pass through the model each: those through the other model are the attacker's own.
  const planned = transfers.map((attack) => ({ attack, budget: attack.defaults, passes: 1 }));
  return knowledge === 'white-box' ? [...cascade, ...planned] : [...planned, ...cascade];
}

/** Rotations and shifts, and one perturbation for all examples, where the spec asks for them. */
export function beyondStages(
  spec: ResolvedSpec,
  facts: EvaluationFacts,
  notes: string[],
  attackThreat: (threat: ResolvedThreatModel, shape: readonly number[]) => AttackThreat,
): Stage[] {
  const stages: Stage[] = [];
  if (spec.spatial) {
    if (facts.kind === 'image') stages.push(spatialStage(spec.spatial, facts) as Stage);
    else notes.push('rotations and shifts were left out, they are for images');
  }
  if (spec.universal) {
    const threat = universalThreat(spec);
    if (!facts.differentiable)
      notes.push("the universal perturbation was left out, the model's gradient is not available");
    else if (threat.constraints)
      notes.push('the universal perturbation was left out, it would not keep to what the features allow');
    else if (facts.count < 2)
      notes.push('the universal perturbation was left out, it is made on some examples and measured on others');
    else stages.push(...universalStages(spec.universal, attackThreat(threat, facts.shape), facts));
  }
  return stages;
}

/** Puts into the state what the planned stages fill. */
export function prepareBeyond(state: RunState, { stages }: Plan, spec: ResolvedSpec, facts: EvaluationFacts): void {
  const planned = (family: string) => stages.some((stage) => stage.family === family);
  if (spec.spatial && planned('spatial')) state.beyond.spatial = emptySpatial(spec.spatial, facts.shape);
  if (spec.universal && planned('universal')) state.beyond.universal = emptyUniversal(spec.universal, facts.count);
}

function universalThreat(spec: ResolvedSpec): ResolvedThreatModel {
  const name = spec.universal?.threatModel;
  const threat = spec.threatModels.find((each) => each.name === name);
  if (threat?.goal === 'targeted') {
    throw new RobustnessError(
      'spec/universal',
      `The universal perturbation names the threat model ${name}, which is targeted: it is made to get any wrong class.`,
      'Name a threat model without a target.',
    );
  }
  if (threat && (ballNorms as readonly string[]).includes(threat.norm) && threat.norm !== 'l0') return threat;
  throw new RobustnessError(
    'spec/universal',
    threat
      ? `A universal perturbation cannot be made in the norm ${threat.norm} of the threat model ${name}.`
      : `The universal perturbation names the threat model ${name}, which the spec has not.`,
    `Name one of ${spec.threatModels.map((each) => each.name).join(', ')} in linf, l2 or l1.`,
  );
}
