import type { Dataset } from '../data/types';
import type { Report } from '../report/schema';
import { Estimator, type Work, weigh } from './estimate';
import { chunksOf, split } from './examples';
import type { Journal } from './journal';
import { type Stage, workOf } from './stage/stage';

export interface RunProgress {
  /** What is being done, in words. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** Estimated; null until enough has run. */
  readonly secondsLeft: number | null;
}

/** Progress is told in parts of this. */
export const progressTotal = 100;

export interface RunOptions<State, Context extends { readonly state: State; readonly signal?: AbortSignal }> {
  readonly stages: readonly Stage<unknown, State, Context>[];
  readonly context: Context;
  readonly dataset: Dataset;
  readonly journal: Journal;
  /** Put before the keys of this model's units; one journal may hold several models. */
  readonly keyPrefix: string;
  /** Seconds since this model's evaluation began, interruptions left out. */
  elapsed(): number;
  /** After each unit; awaited. */
  onUnit(progress: RunProgress): Promise<void>;
  /** Once a stage is over; may end the run by throwing. */
  onStage(id: string): Promise<void>;
}

/** Milliseconds between two looks at what later stages will have to do, which is at most what they would select at present. */
const lookEvery = 200;

/**
 * Runs what the journal does not hold yet, unit by unit. Results from the journal and fresh ones are folded into the
 * state in the same order, so that where a run was interrupted makes no difference to what comes out.
 */
export async function runStages<State, Context extends { readonly state: State; readonly signal?: AbortSignal }>(
  options: RunOptions<State, Context>,
): Promise<void> {
  const { stages, context, journal } = options;
  const estimator = new Estimator();
  const finished: Work[] = [];
  let shown = 0;
  for (const [position, stage] of stages.entries()) {
    const units = split(stage.select(context.state), stage.chunk);
    const keys = units.map((_, k) => `${options.keyPrefix}${stage.id}/${k}`);
    // Units finish in order, so what the journal holds of a stage is its beginning.
    const known = keys.findIndex((key) => !journal.has(key));
    const replayed = known === -1 ? units.length : known;
    for (let k = 0; k < replayed; k++)
      stage.apply(context.state, units[k] as Int32Array, journal.get(keys[k] as string));
    let examples = units.slice(0, replayed).reduce((sum, unit) => sum + unit.length, 0);
    const all = units.reduce((sum, unit) => sum + unit.length, 0);
    let k = replayed;
    const perExample = stage.perExample?.(context.state) ?? 1;
    const laterStages = stages.slice(position + 1);
    let later: Work[] = [];
    let lookedAt = Number.NEGATIVE_INFINITY;
    for await (const read of chunksOf(stage.dataset ?? options.dataset, units.slice(replayed), perExample)) {
      context.signal?.throwIfAborted();
      const targetClasses = stage.targets?.(context.state, read.indices);
      const chunk = targetClasses === undefined ? read : { ...read, targetClasses };
      const start = performance.now();
      const result = await stage.run(chunk, context);
      await journal.append(keys[k++] as string, result, options.elapsed());
      stage.apply(context.state, chunk.indices, result);
      estimator.record(workOf(stage, chunk.indices.length), (performance.now() - start) / 1000);
      examples += chunk.indices.length;

      // Every stage looks at all examples to say what it would select: too much for after each unit of many.
      if (performance.now() - lookedAt >= lookEvery) {
        later = laterStages.map((each) => workOf(each, each.select(context.state).length));
        lookedAt = performance.now();
      }
      const rest = [workOf(stage, all - examples), ...later];
      const done = weigh([...finished, workOf(stage, examples)]);
      const share = done / (done + weigh(rest));
      // What is left shrinks when examples fall and never grows, but rounding must not turn a bar back.
      shown = Math.max(shown, Math.round(share * progressTotal * 10) / 10);
      await options.onUnit({
        stage: `${stage.title}: ${examples} of ${all} ${perExample === 1 ? 'examples' : 'pairs of example and target'}`,
        done: shown,
        total: progressTotal,
        secondsLeft: estimator.secondsFor(rest),
      });
    }
    stage.finish?.(context.state);
    finished.push(workOf(stage, all));
    await options.onStage(stage.id);
  }
}

/** What two runs of the same spec on the same machine must agree on: everything but times, the batch size and the run's name. */
export function comparable(report: Report): unknown {
  return {
    ...report,
    createdAt: null,
    run: null,
    wallSeconds: null,
    environment: { ...report.environment, batchSize: null },
    threatModels: report.threatModels.map((threat) => ({
      ...threat,
      attacks: threat.attacks.map((attack) => ({ ...attack, seconds: null })),
    })),
  };
}
