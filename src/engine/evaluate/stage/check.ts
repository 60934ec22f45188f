import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { workKind } from '../estimate';
import { isCorrect } from '../state';
import { execute } from './execute';
import type { EvaluationFacts, Stage } from './stage';

/** Checks of the evaluation itself look at this many examples, spread over the data. */
const sampleSize = 100;

/** Positions of the sample; the same for all checks and for all runs. */
export function samplePositions(count: number): Int32Array {
  const n = Math.min(count, sampleSize);
  return Int32Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

interface Trial {
  readonly attack: Attack;
  readonly budget: AttackBudget;
  readonly passes: number;
}

/** Single-step against iterative on the same sample: where one step does better, the gradients mislead (Athalye 2018). */
export function singleStepStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  trials: { readonly fgsm: Trial; readonly iterative: Trial },
  facts: EvaluationFacts,
): Stage<{ readonly fgsm: number; readonly iterative: number }> {
  const broken = (confirmed: Uint8Array) => confirmed.filter((c) => c === 1).length;
  return {
    id: `check/single-step/${threatName}`,
    title: `Single-step against iterative attack (${threatName})`,
    kind: 'gradient',
    family: 'single-step',
    passes: trials.fgsm.passes + trials.iterative.passes,
    chunk: facts.unitSize,
    select: (state) => samplePositions(state.count).filter((i) => isCorrect(state, i)),
    async run(chunk, context) {
      const fgsm = await execute(trials.fgsm.attack, trials.fgsm.budget, threat, chunk, context);
      const iterative = await execute(trials.iterative.attack, trials.iterative.budget, threat, chunk, context);
      return { fgsm: broken(fgsm.confirmed), iterative: broken(iterative.confirmed) };
    },
    apply(state, indices, result) {
      const check = state.threats[threatIndex]?.singleStep;
      if (!check) return;
      check.fgsm.standing += indices.length - result.fgsm;
      check.iterative.standing += indices.length - result.iterative;
    },
    finish(state) {
      const check = state.threats[threatIndex]?.singleStep;
      if (!check) return;
      check.fgsm.total = check.iterative.total = samplePositions(state.count).length;
      check.done = true;
    },
  };
}

/** An attacker without a radius must reach 0 %; one who does not is blocked by something other than robustness. */
export function unboundedStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  trial: Trial,
  facts: EvaluationFacts,
): Stage<{ readonly broken: number }> {
  return {
    id: `check/unbounded/${threatName}`,
    title: `Unbounded attack (${threatName})`,
    kind: workKind(trial.attack.needs),
    family: 'unbounded',
    passes: trial.passes,
    chunk: facts.unitSize,
    select: (state) => samplePositions(state.count).filter((i) => isCorrect(state, i)),
    async run(chunk, context) {
      const { confirmed } = await execute(trial.attack, trial.budget, threat, chunk, context);
      return { broken: confirmed.filter((c) => c === 1).length };
    },
    apply(state, indices, { broken }) {
      const check = state.threats[threatIndex]?.unbounded;
      if (check) check.standing += indices.length - broken;
    },
    finish(state) {
      const check = state.threats[threatIndex]?.unbounded;
      if (!check) return;
      check.total = samplePositions(state.count).length;
      check.done = true;
    },
  };
}
