import type { AttackThreat } from '../attack/types';
import type { PlannedAttack } from './plan';
import { type Effort, effortStage, randomDrawStage } from './stage/probeEffort';
import { forwardStage } from './stage/probeForward';
import { gradientStage, instabilityStage } from './stage/probeGradient';
import type { EvaluationFacts, Stage } from './stage/stage';

/** Restarts that are tried where the cascade had few. */
const freshRestarts = 3;

/** Stages that gather evidence about the model itself: cheap, and before the attacks, whose outcome they explain. */
export function modelProbes(facts: EvaluationFacts): Stage[] {
  const stages = [forwardStage() as Stage, instabilityStage(facts) as Stage];
  return facts.differentiable ? [...stages, gradientStage(facts) as Stage] : stages;
}

/** Stages that try more on what a cascade left standing. */
export function cascadeProbes(
  threat: AttackThreat,
  threatName: string,
  threatIndex: number,
  cascade: readonly PlannedAttack[],
): Stage[] {
  return [
    randomDrawStage(threatIndex, threatName, threat) as Stage,
    ...efforts(cascade).map((effort) => effortStage(threatIndex, threatName, threat, effort) as Stage),
  ];
}

/** The strongest ascent of a cascade with twice its iterations, and with other starts. */
function efforts(cascade: readonly PlannedAttack[]): Effort[] {
  const named = (name: string) => cascade.find(({ attack }) => attack.name === name);
  const chosen = named('apgd-ce') ?? named('pgd') ?? named('apgd-dlr');
  if (!chosen) return [];
  const { attack, budget } = chosen;
  const { iterations, restarts } = budget;
  const to = restarts + freshRestarts;
  return [
    {
      attack,
      budget: { ...budget, iterations: 2 * iterations, restarts: 1 },
      what: 'iterations',
      from: iterations,
      to: 2 * iterations,
      passes: 2 * iterations,
    },
    {
      attack,
      budget: { ...budget, restarts: freshRestarts },
      what: 'restarts',
      from: restarts,
      to,
      passes: iterations * freshRestarts,
    },
  ];
}
