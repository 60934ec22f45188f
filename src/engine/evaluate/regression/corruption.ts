import { share } from '../../metric/interval';
import { corruptedOutputFigures } from '../../metric/outputCorruption';
import { absoluteErrors, squaredErrors, type Tolerance, withinTolerance } from '../../metric/regression';
import type { OutputCorruptionRow, OutputCorruptions } from '../../report/outputCorruptions';
import type { PlannedCorruption } from '../corruptionPlan';
import { corruptedExamples } from '../stage/corruption';
import type { EvaluationFacts } from '../stage/stage';
import { where } from '../state';
import type { OutputStage } from './stage';
import type { RegressionState } from './state';

interface CorruptionResult {
  /** [n, outputs]: of the original model under the corruption. */
  readonly predictions: Float32Array;
}

/** By example what one corruption at one severity does; let go of once its figures are known. */
interface Tally {
  readonly absolute: Float64Array;
  readonly squared: Float64Array;
  readonly change: Float64Array;
  within: number;
  unanswered: number;
}

/** What corruptions did to the outputs so far. */
export interface OutputCorruptionState {
  /** Finished, in order. */
  readonly rows: OutputCorruptionRow[];
  open: Tally | null;
  /** [count]: sums over the finished rows that gave a number, and how many those are. */
  readonly sums: { readonly absolute: Float64Array; readonly squared: Float64Array; readonly change: Float64Array };
  readonly answered: Uint32Array;
  /** Over all rows. */
  within: number;
}

export function emptyOutputCorruptions(count: number): OutputCorruptionState {
  const zeros = () => new Float64Array(count);
  return {
    rows: [],
    open: null,
    sums: { absolute: zeros(), squared: zeros(), change: zeros() },
    answered: new Uint32Array(count),
    within: 0,
  };
}

/** One corruption at one severity over all examples, through the untouched file. */
export function outputCorruptionStage(
  { corruption, severity }: PlannedCorruption,
  facts: EvaluationFacts,
  tolerance: Tolerance | null,
  seed: number,
): OutputStage<CorruptionResult> {
  return {
    id: `corruption/${corruption.name}/${severity}`,
    title: `${corruption.title}, severity ${severity}`,
    kind: 'scores',
    family: 'corruption',
    passes: 1,
    chunk: 128,
    select: (state) => where(state.count, () => true),
    async run(chunk, { original }) {
      const corrupted = corruptedExamples(corruption, severity, facts.range, facts, chunk, seed);
      return { predictions: await original.predict(corrupted) };
    },
    apply(state, indices, { predictions }) {
      const { outputs, count } = state;
      state.corruptions.open ??= {
        absolute: new Float64Array(count),
        squared: new Float64Array(count),
        change: new Float64Array(count),
        within: 0,
        unanswered: 0,
      };
      const tally = state.corruptions.open;
      indices.forEach((index, i) => {
        const given = predictions.subarray(i * outputs, (i + 1) * outputs);
        const target = state.targets.subarray(index * outputs, (index + 1) * outputs);
        const clean = state.predictions.subarray(index * outputs, (index + 1) * outputs);
        const answered = given.every(Number.isFinite);
        if (!answered) tally.unanswered++;
        else if (tolerance !== null && withinTolerance(given, target, tolerance)) tally.within++;
        tally.absolute[index] = answered ? absoluteErrors(given, target, outputs)[0]! : Number.NaN;
        tally.squared[index] = answered ? squaredErrors(given, target, outputs)[0]! : Number.NaN;
        tally.change[index] = answered ? absoluteErrors(given, clean, outputs)[0]! : Number.NaN;
      });
    },
    finish(state) {
      const tally = state.corruptions.open;
      if (tally === null) return;
      state.corruptions.open = null;
      add(state, tally);
      state.corruptions.rows.push({
        name: corruption.name,
        title: corruption.title,
        severity,
        parameter: corruption.describe(severity, facts.shape),
        ...corruptedOutputFigures({ ...tally, clean: cleanErrors(state) }, seed),
        withinTolerance: tolerance && share(tally.within, state.count),
        ...(tally.unanswered > 0 ? { unanswered: tally.unanswered } : {}),
      });
    },
  };
}

function add({ corruptions, count }: RegressionState, tally: Tally): void {
  const { sums, answered } = corruptions;
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(tally.absolute[i]!)) continue;
    answered[i]!++;
    sums.absolute[i]! += tally.absolute[i]!;
    sums.squared[i]! += tally.squared[i]!;
    sums.change[i]! += tally.change[i]!;
  }
  corruptions.within += tally.within;
}

function cleanErrors({ predictions, targets, outputs }: RegressionState): Float64Array {
  return absoluteErrors(predictions, targets, outputs);
}

/** What was found under corruptions that are through; null before the first is. */
export function outputCorruptionFigures(
  state: RegressionState,
  tolerance: Tolerance | null,
  seed: number,
): OutputCorruptions | null {
  const { rows, sums, answered, within } = state.corruptions;
  if (rows.length === 0) return null;
  const mean = (values: Float64Array) => values.map((sum, i) => sum / answered[i]!);
  const figures = corruptedOutputFigures(
    {
      absolute: mean(sums.absolute),
      squared: mean(sums.squared),
      change: mean(sums.change),
      clean: cleanErrors(state),
    },
    seed,
  );
  return {
    ...figures,
    // The rows are of the same examples, so that they count once in the interval.
    withinTolerance: tolerance && share(within / rows.length, state.count),
    byCorruption: [...rows],
    worst: worstOf(rows),
  };
}

/** The first of several that are equal. */
function worstOf(rows: readonly OutputCorruptionRow[]): OutputCorruptions['worst'] {
  const found = new Map<string, { name: string; title: string; sum: number; count: number }>();
  for (const { name, title, mae } of rows) {
    if (mae === null) continue;
    const group = found.get(name) ?? { name, title, sum: 0, count: 0 };
    found.set(name, { ...group, sum: group.sum + mae.value, count: group.count + 1 });
  }
  const means = [...found.values()].map(({ name, title, sum, count }) => ({ name, title, mae: sum / count }));
  return means.length === 0 ? null : means.reduce((worst, each) => (each.mae > worst.mae ? each : worst));
}
