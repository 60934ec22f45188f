import { type OutputAttack, outputAttacks } from '../../attack/output';
import type { AttackBudget } from '../../attack/types';
import { RobustnessError } from '../../error';
import { galleryLimit } from '../../report/gallery';
import type { ResolvedSpec, ResolvedThreatModel } from '../../spec/schema';
import { plannedCorruptions } from '../corruptionPlan';
import { attackThreat } from '../plan';
import type { EvaluationFacts } from '../stage/stage';
import { outputStage } from './attack';
import { cleanOutputStage } from './clean';
import { outputCorruptionStage } from './corruption';
import type { OutputStage } from './stage';

export interface PlannedOutputAttack {
  readonly attack: OutputAttack;
  readonly budget: AttackBudget;
}

export interface RegressionPlan {
  readonly stages: readonly OutputStage[];
  /** By threat model, in order. */
  readonly attacks: readonly (readonly PlannedOutputAttack[])[];
  /** What was left out, and why, in words for the report. */
  readonly notes: readonly string[];
}

/** What a spec asks for of a model that predicts numbers, as stages: clean errors, then every attack on every example, then corruptions. */
export function planRegression(spec: ResolvedSpec, facts: EvaluationFacts, outputs: number): RegressionPlan {
  const notes: string[] = [];
  const attacks = spec.threatModels.map((threat) => planAttacks(threat, facts, notes));
  const galleryQuota = Math.max(1, Math.floor(galleryLimit / Math.max(1, attacks.length)));
  const stages = [cleanOutputStage(facts.unitSize, spec.tolerance) as OutputStage];
  spec.threatModels.forEach((threat, threatIndex) => {
    const planned = attacks[threatIndex] ?? [];
    planned.forEach(({ attack, budget }, attackIndex) => {
      const step = {
        threatIndex,
        attackIndex,
        last: attackIndex === planned.length - 1,
        threatName: threat.name,
        threat: attackThreat(threat, facts.shape),
        attack,
        budget,
        tolerance: spec.tolerance,
        unitSize: facts.unitSize,
        outputs,
        galleryQuota,
      };
      stages.push(outputStage(step) as OutputStage);
    });
  });
  for (const planned of plannedCorruptions(spec, facts, notes)) {
    stages.push(outputCorruptionStage(planned, facts, spec.tolerance, spec.seed) as OutputStage);
  }
  if (spec.corruptions?.reference !== undefined) {
    notes.push('`corruptions.reference` was left out: the mean corruption error is of classifiers');
  }
  return { stages, attacks, notes };
}

function planAttacks(threat: ResolvedThreatModel, facts: EvaluationFacts, notes: string[]): PlannedOutputAttack[] {
  if (threat.goal === 'targeted') {
    throw new RobustnessError(
      'spec/goal',
      `The threat model ${threat.name} asks for targeted attacks, and a regression has no classes to aim at.`,
      'Leave `goal` out: the attacks drive the outputs up and down as far as they go.',
    );
  }
  const planned: PlannedOutputAttack[] = [];
  for (const { name, iterations, restarts, queries } of threat.attacks) {
    const attack = outputAttacks.find((each) => each.name === (name === 'apgd-ce' ? 'apgd' : name));
    if (attack === undefined) continue;
    const obstacle = obstacleTo(attack, threat, facts);
    if (obstacle === null) planned.push({ attack, budget: { iterations, restarts, queries } });
    else notes.push(`${threat.name}: ${attack.title} was left out, ${obstacle}`);
  }
  if (planned.length > 0) return planned;
  throw new RobustnessError(
    'spec/no-attack',
    `No attack can run under the threat model ${threat.name}: ${notes.at(-1) ?? 'none is named'}.`,
    'Choose the norm linf, l2 or l1, or leave `attacks` out.',
  );
}

function obstacleTo(attack: OutputAttack, threat: ResolvedThreatModel, facts: EvaluationFacts): string | null {
  if (!attack.norms.includes(threat.norm)) return `it does not know the ${threat.norm} norm`;
  if (attack.needs === 'gradient' && !facts.differentiable) return "the model's gradient is not available";
  if (attack.needs === 'gradient' && threat.knowledge !== 'white-box') return 'the attacker sees no gradients';
  return null;
}
