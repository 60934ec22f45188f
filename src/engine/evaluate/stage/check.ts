import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { workKind } from '../estimate';
import { gather } from '../examples';
import { type AttackTally, emptyTally, isCorrect, type ThreatState } from '../state';
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

/** Examples of a chunk that each of the trials broke. */
interface Ladder {
  /** [n]: sums of the bits below. */
  readonly broken: Uint8Array;
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
    select: (state) => samplePositions(state.count).filter((i) => isCorrect(state, i)),
    async run(chunk, context) {
      const broken = new Uint8Array(chunk.y.length);
      const attack = async (rung: Rung, rows: readonly number[], seed: number) => {
        const { attack, budget } = trials[rung];
        const size = context.oracle.exampleSize;
        const some = {
          x: gather(chunk.x, rows, size),
          y: Int32Array.from(rows, (row) => chunk.y[row] as number),
          indices: Int32Array.from(rows, (row) => chunk.indices[row] as number),
        };
        const { confirmed } = await execute(attack, budget, threat, some, { ...context, seed });
        rows.forEach((row, k) => {
          if (confirmed[k] === 1) broken[row] = (broken[row] as number) | bits[rung];
        });
      };
      const all = [...chunk.y.keys()];
      await attack('fgsm', all, context.seed);
      await attack('iterative', all, context.seed);
      for (const row of all) if (hit(broken, row, 'iterative')) broken[row] = (broken[row] as number) | bits.restarted;
      const left = all.filter((row) => !hit(broken, row, 'restarted'));
      await attack('restarted', left, context.seed + 1);
      return { broken };
    },
    apply(state, indices, { broken }) {
      const of = state.threats[threatIndex];
      if (!of) return;
      const left = indices.filter((index) => of.brokenBy[index] === -1).length;
      of.singleStep.missed += left;
      for (const tally of of.attacks) if (tally.title.endsWith(asCheck)) tally.attempted += left;
      indices.forEach((index, row) => {
        for (const rung of rungs) {
          if (!hit(broken, row, rung)) of.singleStep[rung].standing++;
          else if (of.brokenBy[index] === -1) credit(of, trials[rung], index);
        }
      });
    },
    finish(state) {
      const check = state.threats[threatIndex]?.singleStep;
      if (!check) return;
      for (const rung of rungs) check[rung].total = samplePositions(state.count).length;
      check.done = true;
    },
  };
}

function hit(broken: Uint8Array, row: number, rung: Rung): boolean {
  return ((broken[row] as number) & bits[rung]) !== 0;
}

const asCheck = ', run as a check';

/**
 * An example that a check broke counts as broken, even though the suite left it standing: the figure is the worst case over all
 * attacks that ran. It gets a row of its own among the attacks.
 */
function credit(of: ThreatState, { attack, budget }: Trial, index: number): void {
  const title = `${attack.title}${asCheck}`;
  let at = of.attacks.findIndex((tally) => tally.title === title);
  if (at === -1) {
    const row = { ...emptyTally(attack, budget), title, sample: true, started: true } as const;
    at = of.attacks.push({ ...row, attempted: of.singleStep.missed }) - 1;
  }
  (of.attacks[at] as AttackTally).broken++;
  of.brokenBy[index] = at;
  of.minimal.record(index, of.threat.epsilon);
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
