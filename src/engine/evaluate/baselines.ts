import { createHash } from 'node:crypto';
import { RobustnessError } from '../error';
import { baselineTrend, effectiveRobustness } from '../metric/effectiveRobustness';
import type { Report } from '../report/schema';
import type { EffectiveRobustness } from '../report/shifts';
import { readReport } from '../report/store';

/** What a report on another model has to say of shifts. */
export interface Baseline {
  /** Absolute path of the report. */
  readonly path: string;
  readonly model: Report['model'];
  readonly data: Report['data'];
  readonly clean: number;
  readonly shifts: Report['shifts'];
  /** Over the figures above. */
  readonly sha256: string;
}

/** Fewer models than this make no line. */
const fewestBaselines = 2;

/**
 * @param paths absolute
 * @throws RobustnessError `report/…` for what is no finished report on a classifier
 */
export async function readBaselines(paths: readonly string[]): Promise<Baseline[]> {
  return Promise.all(
    paths.map(async (path) => {
      const { model, data, clean, shifts, status } = await readReport(path);
      if (clean === null || status.state !== 'complete') {
        throw new RobustnessError(
          'report/incomplete',
          `The baseline ${path} is the report of a run that did not finish.`,
          'Finish that run, or take it out of `shiftBaselines`.',
        );
      }
      const figures = [model.sha256, data.sha256, clean.accuracy.value, shifts.map((s) => [s.name, s.accuracy.value])];
      const sha256 = createHash('sha256').update(JSON.stringify(figures)).digest('hex');
      return { path, model, data, clean: clean.accuracy.value, shifts, sha256 };
    }),
  );
}

export interface Measured {
  readonly name: string;
  readonly standard: number;
  readonly shifted: number;
  readonly modelSha256: string;
  readonly testSha256: string;
  readonly shiftSha256: string;
}

/**
 * Effective robustness of one model on one shift, against the baselines that were measured on the same data.
 *
 * @param shown a baseline's path as the report shows it
 * @returns the figure, or null, and what was left out or is missing, in words
 */
export function againstBaselines(
  { name, standard, shifted, modelSha256, testSha256, shiftSha256 }: Measured,
  baselines: readonly Baseline[],
  shown: (path: string) => string,
): { readonly figure: EffectiveRobustness | null; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const used: EffectiveRobustness['baselines'] = [];
  const models = new Set<string>();
  for (const { path, model, data, clean, shifts } of baselines) {
    const leave = (why: string) => notes.push(`the baseline ${shown(path)} was left out: ${why}`);
    const shift = shifts.find((each) => each.name === name);
    if (model.sha256 === modelSha256) leave('it is on this model');
    else if (models.has(model.sha256)) leave('another one is on the same model');
    else if (data.sha256 !== testSha256) leave('its test data are others');
    else if (shift === undefined) leave(`it has no shift “${name}”`);
    else if (shift.data !== undefined && shift.data.sha256 !== shiftSha256) leave(`its data of “${name}” are others`);
    else {
      models.add(model.sha256);
      used.push({ report: shown(path), model: model.path, standard: clean, shifted: shift.accuracy.value });
    }
  }
  const trend = baselineTrend(used);
  if (trend === null) {
    notes.push(
      used.length < fewestBaselines
        ? `effective robustness needs ${fewestBaselines} baselines or more, and has ${used.length}`
        : 'effective robustness needs baselines of different clean accuracies',
    );
    return { figure: null, notes };
  }
  const value = effectiveRobustness({ standard, shifted }, trend);
  const { intercept, slope } = trend;
  if (slope <= 0) {
    notes.push('the line of the baselines falls: their clean accuracy says nothing about this shift');
  }
  return { figure: { value, expected: shifted - value, intercept, slope, baselines: used }, notes };
}
