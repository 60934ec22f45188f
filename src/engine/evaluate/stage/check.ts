import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { addCost, besideCascade, type Cost, recordBroken, standingOf } from '../credit';
import { workKind } from '../estimate';
import { gather, targetsAt } from '../examples';
import { isAttackable, isPair, pairCount } from '../pairs';
import type { AttackTally, RunState, ThreatState } from '../state';
import { execute } from './execute';
import { type EvaluationFacts, overPairs, type Stage } from './stage';

/** Checks of the evaluation itself look at this many examples, spread over the data. */
export const sampleSize = 100;

/** Positions of the sample; the same for all checks and for all runs. */
export function samplePositions(count: number): Int32Array {
  const n = Math.min(count, sampleSize);
  return Int32Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

/** The same of a threat model's pairs, without those that have no class to reach. */
export function samplePairs(state: RunState, of: ThreatState): Int32Array {
  return samplePositions(pairCount(state, of)).filter((pair) => isPair(state, of, pair));
}

/** Those of the sample that an attacker has something to break of. */
export function attackableSample(state: RunState, threatIndex: number): Int32Array {
  const of = state.threats[threatIndex];
  return of ? samplePairs(state, of).filter((pair) => isAttackable(state, of, pair)) : new Int32Array();
}

interface Trial {
  readonly attack: Attack;
  readonly budget: AttackBudget;
  readonly passes: number;
}

/** What each of the trials found in a chunk. */
interface Ladder {
  /** [n]: sums of the bits below. */
  readonly broken: Uint8Array;
  /** [n] by rung: distance that the verifier confirmed; Infinity where the trial broke nothing. */
  readonly distance: Readonly<Record<Rung, Float64Array>>;
  readonly cost: Readonly<Record<Rung, Cost>>;
}
const bits = { fgsm: 1, iterative: 2, restarted: 4 } as const;
type Rung = keyof typeof bits;
const rungs = Object.keys(bits) as Rung[];

/**
 * Ever stronger attacks on the same sample: one step, many, many from several starts. Where one step does better than many,
 * the gradients mislead (Athalye 2018); how far accuracy falls from rung to rung, and further by the whole suite, is what a
 * weak attack would have claimed too much.
 *
 * @param trials `restarted` has the restarts beyond that of `iterative`; it gets what that left standing, and other starts.
 */
export function singleStepStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  trials: Readonly<Record<Rung, Trial>>,
  facts: EvaluationFacts,
): Stage<Ladder> {
  return {
    id: `check/single-step/${threatName}`,
    title: `Single-step against iterative attack (${threatName})`,
    kind: 'gradient',
    family: 'single-step',
    passes: rungs.reduce((sum, rung) => sum + trials[rung].passes, 0),
    chunk: facts.unitSize,
    ...overPairs(threatIndex),
    select: (state) => attackableSample(state, threatIndex),
    async run(chunk, context) {
      const broken = new Uint8Array(chunk.y.length);
      const far = () => new Float64Array(chunk.y.length).fill(Number.POSITIVE_INFINITY);
      const distance = { fgsm: far(), iterative: far(), restarted: far() };
      const attack = async (rung: Rung, rows: readonly number[], seed: number) => {
        const { attack, budget } = trials[rung];
        const size = context.oracle.exampleSize;
        const some = {
          x: gather(chunk.x, rows, size),
          y: Int32Array.from(rows, (row) => chunk.y[row] as number),
          indices: Int32Array.from(rows, (row) => chunk.indices[row] as number),
          ...targetsAt(chunk, rows),
        };
        const outcome = await execute(attack, budget, threat, some, { ...context, seed });
        rows.forEach((row, k) => {
          if (outcome.confirmed[k] !== 1) return;
          broken[row] = (broken[row] as number) | bits[rung];
          distance[rung][row] = outcome.reach[k] as number;
        });
        return outcome.cost;
      };
      const all = [...chunk.y.keys()];
      const fgsm = await attack('fgsm', all, context.seed);
      const iterative = await attack('iterative', all, context.seed);
      for (const row of all) if (hit(broken, row, 'iterative')) broken[row] = (broken[row] as number) | bits.restarted;
      const left = all.filter((row) => !hit(broken, row, 'restarted'));
      const restarted = await attack('restarted', left, context.seed + 1);
      return { broken, distance, cost: { fgsm, iterative, restarted } };
    },
    apply(state, indices, { broken, distance, cost }) {
      const of = state.threats[threatIndex];
      if (!of) return;
      const left = standingOf(of, indices);
      const given = new Set<AttackTally>();
      for (const rung of rungs) {
        const { attack, budget } = trials[rung];
        const tally = besideCascade(of, `${attack.title}, run as a check`, attack, budget);
        // Several rungs are one attack with more and more starts.
        addCost(tally, given.has(tally) ? 0 : left, cost[rung]);
        given.add(tally);
        indices.forEach((index, row) => {
          if (!hit(broken, row, rung)) of.singleStep[rung].standing++;
          recordBroken(of, index, distance[rung][row] as number, tally);
        });
      }
    },
    finish(state) {
      const of = state.threats[threatIndex];
      if (!of) return;
      for (const rung of rungs) of.singleStep[rung].total = samplePairs(state, of).length;
      of.singleStep.done = true;
    },
  };
}

function hit(broken: Uint8Array, row: number, rung: Rung): boolean {
  return ((broken[row] as number) & bits[rung]) !== 0;
}

/** An attacker without a radius must reach 0 %; one who does not is blocked by something other than robustness. */
export function unboundedStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  trial: Trial,
  facts: EvaluationFacts,
): Stage<{ readonly reach: Float64Array; readonly cost: Cost }> {
  return {
    id: `check/unbounded/${threatName}`,
    title: `Unbounded attack (${threatName})`,
    kind: workKind(trial.attack.needs),
    family: 'unbounded',
    passes: trial.passes,
    chunk: facts.unitSize,
    ...overPairs(threatIndex),
    select: (state) => attackableSample(state, threatIndex),
    async run(chunk, context) {
      const { reach, cost } = await execute(trial.attack, trial.budget, threat, chunk, context);
      return { reach, cost };
    },
    apply(state, indices, { reach, cost }) {
      const of = state.threats[threatIndex];
      if (!of) return;
      of.unbounded.standing += indices.length - reach.filter(Number.isFinite).length;
      // In l0 the attack is another norm's, and so are its distances.
      if (threat.norm !== of.threat.norm) return;
      const { attack, budget } = trial;
      const tally = besideCascade(of, `${attack.title} without a radius, run as a check`, attack, budget);
      addCost(tally, standingOf(of, indices), cost);
      indices.forEach((index, i) => {
        recordBroken(of, index, reach[i] as number, tally);
      });
    },
    finish(state) {
      const of = state.threats[threatIndex];
      if (!of) return;
      of.unbounded.total = samplePairs(state, of).length;
      of.unbounded.done = true;
    },
  };
}
