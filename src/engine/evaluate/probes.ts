import type { AttackThreat } from '../attack/types';
import type { ResolvedThreatModel } from '../spec/schema';
import type { PlannedAttack } from './plan';
import { type Effort, effortStage, randomDrawStage } from './stage/probeEffort';
import { forwardStage } from './stage/probeForward';
import { gradientStage, instabilityStage } from './stage/probeGradient';
import type { EvaluationFacts, Stage } from './stage/stage';

/** Random points of the ball for each example. */
const draws = { quick: 100, other: 1000 } as const;
/** Fresh restarts, and examples at most, that more is tried with: a first look stays one. */
const fullEffort = { fresh: 3, most: 32 };
const quickEffort: typeof fullEffort = { fresh: 1, most: 8 };

/** Stages that gather evidence about the model itself: cheap, and before the attacks, whose outcome they explain. */
export function modelProbes(facts: EvaluationFacts): Stage[] {
  const stages = [forwardStage() as Stage, instabilityStage(facts) as Stage];
  return facts.differentiable ? [...stages, gradientStage(facts) as Stage] : stages;
}

/** Stages that try more on what a cascade left standing. */
export function cascadeProbes(
  threat: AttackThreat,
  { name, suite, queries, goal }: Pick<ResolvedThreatModel, 'name' | 'suite' | 'queries' | 'goal'>,
  threatIndex: number,
  cascade: readonly PlannedAttack[],
): Stage[] {
  // What noise breaks counts, so it gets no more queries than the attacker has.
  const points = Math.min(suite === 'quick' ? draws.quick : draws.other, queries ?? Number.POSITIVE_INFINITY);
  return [
    // Noise that flips a prediction does so to no certain class.
    ...(goal === 'targeted' ? [] : [randomDrawStage(threatIndex, name, threat, points) as Stage]),
    ...efforts(cascade, suite === 'quick' ? quickEffort : fullEffort).map(
      (effort) => effortStage(threatIndex, name, threat, effort) as Stage,
    ),
  ];
}

/** The strongest ascent of a cascade with twice its iterations, and with other starts. */
function efforts(cascade: readonly PlannedAttack[], { fresh, most }: typeof fullEffort): Effort[] {
  const named = (name: string) => cascade.find(({ attack }) => attack.name === name);
  const chosen = named('apgd-ce') ?? named('pgd') ?? named('apgd-dlr');
  if (!chosen) return [];
  const { attack, budget } = chosen;
  const { iterations, restarts } = budget;
  const to = restarts + fresh;
  return [
    {
      attack,
      budget: { ...budget, iterations: 2 * iterations, restarts: 1 },
      what: 'iterations',
      from: iterations,
      to: 2 * iterations,
      passes: 2 * iterations,
      most,
    },
    {
      attack,
      budget: { ...budget, restarts: fresh },
      what: 'restarts',
      from: restarts,
      to,
      passes: iterations * fresh,
      most,
    },
  ];
}
