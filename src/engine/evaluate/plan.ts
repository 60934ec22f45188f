import { isDiscrete } from '../attack/constraint';
import { epsilonGrid, unboundedThreat } from '../attack/grid';
import { attackByName } from '../attack/registry';
import type { Attack, AttackBudget, AttackThreat } from '../attack/types';
import { RobustnessError } from '../error';
import { galleryLimit } from '../report/gallery';
import type { ResolvedSpec, ResolvedThreatModel } from '../spec/schema';
import { countedChannels } from '../spec/sparse';
import { plannedCorruptions } from './corruptionPlan';
import { minimalAttacks } from './minimalAttacks';
import { beyondStages, withTransfers } from './planBeyond';
import { cascadeProbes, modelProbes } from './probes';
import { cascadeStage } from './stage/cascade';
import { singleStepStage, unboundedStage } from './stage/check';
import { cleanStage } from './stage/clean';
import { corruptionStage } from './stage/corruption';
import { curveStage } from './stage/curve';
import { minimalStage } from './stage/minimal';
import { referenceStage } from './stage/probeReference';
import type { EvaluationFacts, Stage } from './stage/stage';
import { type TargetPlan, targetPlan } from './targetPlan';

export interface Plan {
  readonly stages: readonly Stage[];
  /** By threat model: the attacks of its cascade, in order. */
  readonly cascades: readonly (readonly PlannedAttack[])[];
  /** By threat model: the classes to reach; null where any wrong one will do. */
  readonly targets: readonly (TargetPlan | null)[];
  /** What was left out or put in, and why, in words for the report. */
  readonly notes: readonly string[];
}

export interface PlannedAttack {
  readonly attack: Attack;
  readonly budget: AttackBudget;
  readonly passes: number;
}

/** The curve needs one attack at many ε; beyond this it costs more than it tells. */
const curveIterations = 50;
const curveQueries = 500;
/** "Many iterations" of the unbounded check (Carlini et al. 2019, §4.3 use 100 and more; broken examples stop early). */
const unboundedIterations = 100;
/** Starts of the ladder's strongest PGD. */
const ladderRestarts = 5;

/**
 * What a spec asks for, as stages in the order in which a reader wants them: clean figures first, then the cascade (its
 * cheap attacks first, so that "at most x %" falls early), the checks of the evaluation itself, curve and corruptions.
 */
export function planStages(
  spec: ResolvedSpec,
  facts: EvaluationFacts,
  /** Attacks from other models, by the name of the threat model. */
  transfers: ReadonlyMap<string, readonly Attack[]> = new Map(),
): Plan {
  const notes: string[] = [];
  const targets = spec.threatModels.map((threat) => targetPlan(threat, facts.classes, spec.seed));
  const cascades = spec.threatModels.map((threat) =>
    withTransfers(planCascade(threat, facts, notes), transfers.get(threat.name) ?? [], threat),
  );
  const galleryQuota = Math.max(1, Math.floor(galleryLimit / Math.max(1, cascades.length)));
  const stages: Stage[] = [cleanStage() as Stage, ...modelProbes(facts)];

  spec.threatModels.forEach((threat, threatIndex) => {
    const cascade = cascades[threatIndex] ?? [];
    cascade.forEach((planned, attackIndex) => {
      const step = {
        ...planned,
        threatIndex,
        attackIndex,
        last: attackIndex === cascade.length - 1,
        threatName: threat.name,
        threat: attackThreat(threat, facts.shape),
        galleryQuota,
      };
      stages.push(cascadeStage(step, facts) as Stage);
    });
  });
  spec.threatModels.forEach((threat, i) => {
    if (threat.knowledge === 'white-box' && facts.differentiable) stages.push(...checkStages(threat, i, facts));
    stages.push(...cascadeProbes(attackThreat(threat, facts.shape), threat, i, cascades[i] ?? []));
  });
  spec.threatModels.forEach((threat, i) => {
    stages.push(...minimalStages(threat, i, cascades[i] ?? [], facts, notes));
  });
  spec.threatModels.forEach((threat, i) => {
    stages.push(...curveStages(threat, i, cascades[i] ?? [], facts));
  });
  stages.push(...corruptionStages(spec, facts, notes), ...beyondStages(spec, facts, notes, attackThreat));
  return { stages, cascades, targets, notes };
}

/** @param shape of one example */
export function attackThreat(threat: ResolvedThreatModel, shape: readonly number[]): AttackThreat {
  return {
    norm: threat.norm,
    epsilon: threat.epsilon,
    bounds: threat.bounds,
    ...countedChannels(threat, shape),
    ...constrained(threat),
    ...(threat.edits ? { edits: threat.edits } : {}),
  };
}

function constrained({ constraints }: ResolvedThreatModel): Pick<AttackThreat, 'constraints'> {
  return constraints ? { constraints } : {};
}

function planCascade(threat: ResolvedThreatModel, facts: EvaluationFacts, notes: string[]): PlannedAttack[] {
  const planned: PlannedAttack[] = [];
  const classes = facts.classes.length;
  for (const { name, onlyClasses, ...budget } of threat.attacks) {
    if ((onlyClasses ?? classes) !== classes) continue;
    const attack = attackByName(name);
    const obstacle = obstacleTo(attack, threat, facts);
    if (obstacle === null) planned.push({ attack, budget, passes: passesOf(attack, budget, classes) });
    else notes.push(`${threat.name}: ${attack.title} was left out, ${obstacle}`);
  }
  if (planned.length > 0) return planned;

  // Without gradients an attack on the scores is still possible, and without scores those on the labels: better than none.
  const possible = (names: readonly string[]) =>
    names.map(attackByName).filter((attack) => obstacleTo(attack, threat, facts) === null);
  const [byScores] = possible(['square', 'sparse-rs', 'edits-beam']);
  const instead = byScores ? [byScores] : possible(['rays', 'surfree', 'hopskipjump', 'edits-random']);
  if (instead.length === 0) {
    throw new RobustnessError(
      'spec/no-attack',
      `No attack can run under the threat model ${threat.name}: ${notes.at(-1) ?? `none knows the ${threat.norm} norm`}.`,
      'Choose another norm (linf and l2 have attacks), or other attacks.',
    );
  }
  return instead.map((attack) => {
    notes.push(`${threat.name}: ${attack.title} was added, since no other attack could run`);
    const budget = { ...attack.defaults, ...(threat.queries === null ? {} : { queries: threat.queries }) };
    return { attack, budget, passes: passesOf(attack, budget, classes) };
  });
}

function obstacleTo(attack: Attack, threat: ResolvedThreatModel, facts: EvaluationFacts): string | null {
  if (!attack.norms.includes(threat.norm)) return `it does not know the ${threat.norm} norm`;
  if (attack.needs === 'gradient' && !facts.differentiable) return "the model's gradient is not available";
  if (attack.needs === 'gradient' && threat.knowledge !== 'white-box') return 'the attacker sees no gradients';
  if (attack.needs === 'scores' && facts.labelsOnly) return 'the model gives labels alone';
  if (attack.needs !== 'labels' && threat.knowledge === 'black-box-decision') return 'the attacker sees labels alone';
  if (threat.goal === 'targeted' && !attack.targeted) return 'it cannot be told which class to reach';
  const least = attack.leastClasses ?? 2;
  return facts.classes.length < least ? `it needs ${least} classes` : null;
}

function checkStages(threat: ResolvedThreatModel, threatIndex: number, facts: EvaluationFacts): Stage[] {
  const fgsm = attackByName('fgsm');
  const pgd = attackByName('pgd');
  const own = attackThreat(threat, facts.shape);
  const unbounded = unboundedThreat(own);
  if (!pgd.norms.includes(unbounded.norm)) return [];
  const one = (attack: Attack, budget: AttackBudget) => ({
    attack,
    budget,
    passes: passesOf(attack, budget, facts.classes.length),
  });
  const iterative = one(pgd, { ...pgd.defaults, restarts: 1 });
  const many = one(pgd, { ...pgd.defaults, iterations: unboundedIterations, restarts: 1 });
  const stages = [unboundedStage(threatIndex, threat.name, unbounded, many, facts) as Stage];
  // In l0 there is no single step to compare with.
  if (!fgsm.norms.includes(threat.norm) || !pgd.norms.includes(threat.norm)) return stages;
  const restarted = one(pgd, { ...pgd.defaults, restarts: ladderRestarts - 1 });
  const trials = { fgsm: one(fgsm, fgsm.defaults), iterative, restarted };
  return [singleStepStage(threatIndex, threat.name, own, trials, facts) as Stage, ...stages];
}

function minimalStages(
  threat: ResolvedThreatModel,
  threatIndex: number,
  cascade: readonly PlannedAttack[],
  facts: EvaluationFacts,
  notes: string[],
): Stage[] {
  const chosen = minimalAttacks(threat, cascade).filter(({ attack }) => obstacleTo(attack, threat, facts) === null);
  if (threat.minimalNorm === true && chosen.length === 0) {
    notes.push(`${threat.name}: smallest perturbations were not looked for, no attack that does can run`);
  }
  if (chosen.length > 0 && threat.constraints && isDiscrete(threat.constraints)) {
    // The closest point is not what is left of it once it has been rounded.
    notes.push(`${threat.name}: smallest perturbations were not looked for, some features take certain values alone`);
    return [];
  }
  if (chosen.length === 0) return [];
  const own = attackThreat(threat, facts.shape);
  const stages = chosen.map(({ attack, budget }, i) => {
    const passes = passesOf(attack, budget, facts.classes.length);
    const last = i === chosen.length - 1;
    const step = { attack, budget, passes, threatIndex, threatName: threat.name, threat: own, last };
    return minimalStage(step, facts) as Stage;
  });
  // The nearest example of any other class says nothing of the way to a certain one.
  if (threat.goal === 'targeted') return stages;
  return [...stages, referenceStage(threatIndex, threat.name, own, facts) as Stage];
}

function curveStages(
  threat: ResolvedThreatModel,
  threatIndex: number,
  cascade: readonly PlannedAttack[],
  facts: EvaluationFacts,
): Stage[] {
  const chosen =
    cascade.find(({ attack }) => attack.name === 'apgd-ce') ??
    cascade.find(({ attack }) => attack.name === 'pgd') ??
    cascade.at(-1);
  if (!chosen) return [];
  const budget: AttackBudget = {
    iterations: Math.min(chosen.budget.iterations, curveIterations),
    restarts: 1,
    queries: Math.min(chosen.budget.queries, curveQueries),
  };
  const passes = passesOf(chosen.attack, budget, facts.classes.length);
  return curveEpsilons(threat, facts.shape)
    .filter((epsilon) => epsilon > 0 && epsilon !== threat.epsilon)
    .map((epsilon) => {
      const at = { ...attackThreat(threat, facts.shape), epsilon };
      return curveStage(threatIndex, threat.name, at, threat.epsilon, chosen.attack, budget, passes, facts) as Stage;
    });
}

/** ε of a threat model's curve, ascending; holds 0 and the threat model's own. */
export function curveEpsilons(threat: ResolvedThreatModel, shape: readonly number[]): number[] {
  const size = shape.reduce((product, n) => product * n, 1);
  const grid = new Set([0, threat.epsilon, ...epsilonGrid(attackThreat(threat, shape), size)]);
  return [...grid].sort((a, b) => a - b);
}

function corruptionStages(spec: ResolvedSpec, facts: EvaluationFacts, notes: string[]): Stage[] {
  return plannedCorruptions(spec, facts, notes).map(
    ({ corruption, severity }, position) =>
      corruptionStage(corruption, severity, position, facts.range, facts) as Stage,
  );
}

/** Nominal passes through the model for one example. */
function passesOf(attack: Attack, budget: AttackBudget, classes: number): number {
  if (attack.needs !== 'gradient') return budget.queries;
  const targets = Math.min(budget.targets ?? 1, classes - 1);
  return Math.max(1, budget.iterations * budget.restarts * targets);
}
