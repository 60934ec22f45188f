import { resolve } from 'node:path';
import { cleanOutcomes, robustOutcomes, threatKey } from '../compare/alike';
import { RobustnessError } from '../error';
import { predictionChanges } from '../metric/flip';
import { holm } from '../metric/holm';
import { share } from '../metric/interval';
import { type PairedComparison, pairedComparison } from '../metric/paired';
import type { BaselineChanges, BaselineReport } from '../report/baseline';
import { isRegression } from '../report/regression';
import type { Report } from '../report/schema';
import { readAnyReport } from '../report/store';
import { isComplete } from '../report/words';
import type { ResolvedSpec } from '../spec/schema';
import type { EvaluationFacts } from './stage/stage';

/** Examples that are named of those that were lost. */
const MOST_LOST = 20;

/** A report on an earlier version of the model. */
export interface EarlierVersion {
  readonly report: Report;
  /** As the new report names it. */
  readonly path: string;
}

/**
 * The report that `baseline` of a spec names; null where it names none.
 *
 * @param reportPath absolute; where the new report goes
 * @param shown a path as the new report stores it
 * @throws RobustnessError `spec/baseline` for what is no finished report on a classifier or is about to be written over, `spec/baseline-data`
 * for one on other examples; errors of {@link readAnyReport}
 */
export async function openBaseline(
  { baseline }: Pick<ResolvedSpec, 'baseline'>,
  data: { readonly sha256: string; readonly count: number },
  { classes }: Pick<EvaluationFacts, 'classes'>,
  reportPath: string,
  shown: (path: string) => string,
): Promise<EarlierVersion | null> {
  if (baseline === undefined) return null;
  const path = shown(baseline);
  if (resolve(baseline) === resolve(reportPath)) {
    throw new RobustnessError(
      'spec/baseline',
      `The baseline ${path} is the file that this report is written to.`,
      'Copy the earlier report to another name and let `baseline` name that.',
    );
  }
  const report = await readAnyReport(baseline);
  if (isRegression(report)) {
    throw new RobustnessError(
      'spec/baseline',
      `The baseline ${path} is on a model that predicts numbers, where nothing flips.`,
      'Name a report on a classifier, or leave `baseline` away.',
    );
  }
  if (!isComplete(report)) {
    throw new RobustnessError(
      'spec/baseline',
      `The baseline ${path} is the report of a run that did not finish.`,
      'Finish that run, or name another report.',
    );
  }
  if (report.data.sha256 !== data.sha256) throw otherData(path, 'rests on other data');
  if (report.data.count !== data.count) {
    throw otherData(path, `rests on ${report.data.count} examples, and this evaluation on ${data.count}`);
  }
  if (report.data.classes.join('\n') !== classes.join('\n')) throw otherData(path, 'has other classes');
  return { report, path };
}

/** Once the labels are known. @throws RobustnessError `spec/baseline-data` */
export function confirmLabels({ report, path }: EarlierVersion, labels: ArrayLike<number>): void {
  const { label } = report.outcomes;
  for (let i = 0; i < labels.length; i++) {
    if (label[i] !== labels[i]) throw otherData(path, `has another label for example ${i}`);
  }
}

function otherData(path: string, why: string): RobustnessError {
  return new RobustnessError(
    'spec/baseline-data',
    `The baseline ${path} ${why}, so that predictions cannot be held against one another.`,
    'Evaluate the earlier model with the data of this spec, and name that report.',
  );
}

/** What changed since the earlier version; null before all examples are seen. */
export function baselineReport({ report: before, path }: EarlierVersion, now: Report): BaselineReport | null {
  if (now.outcomes.prediction.length < now.data.count) return null;
  const tests: { readonly on: string | null; readonly changed: number; readonly paired: PairedComparison }[] = [];
  const leftOut: BaselineReport['leftOut'] = [];
  const hold = (on: string | null, was: Uint8Array | string, is: Uint8Array | string, churned?: number) => {
    const reason = typeof was === 'string' ? `the baseline: ${was}` : typeof is === 'string' ? is : null;
    const paired = reason === null ? pairedComparison(is as Uint8Array, was as Uint8Array) : null;
    if (paired === null) leftOut.push({ on: on ?? 'clean', reason: reason ?? 'no examples' });
    else tests.push({ on, changed: churned ?? paired.onlyFirst + paired.onlySecond, paired });
  };

  const { label } = now.outcomes;
  const { changed } = predictionChanges(label, before.outcomes.prediction, now.outcomes.prediction);
  hold(null, cleanOutcomes(before), cleanOutcomes(now), changed);
  for (const threat of isComplete(now) ? now.threatModels : []) {
    const earlier = before.threatModels.find((each) => threatKey(each, before) === threatKey(threat, now));
    if (earlier === undefined) leftOut.push({ on: threat.name, reason: 'the baseline was not evaluated under it' });
    else if (earlier.suite !== threat.suite) leftOut.push({ on: threat.name, reason: 'suites of attacks differ' });
    else hold(threat.name, robustOutcomes(before, earlier), robustOutcomes(now, threat));
  }

  const adjusted = holm(tests.map(({ paired }) => paired.pValue));
  const changes = tests.map((test, i) => ({ on: test.on, ...changesOf(test.paired, test.changed, adjusted[i]!) }));
  const clean = changes.find(({ on }) => on === null);
  return {
    path,
    createdAt: before.createdAt,
    model: { path: before.model.path, sha256: before.model.sha256 },
    sameModel: before.model.sha256 === now.model.sha256,
    clean: clean === undefined ? null : without(clean),
    threatModels: changes.flatMap((each) => (each.on === null ? [] : [{ name: each.on, ...without(each) }])),
    leftOut,
    lost: clean === undefined ? [] : lostExamples(before, now),
  };
}

function changesOf(
  { both, onlyFirst, onlySecond, neither, difference, pValue }: PairedComparison,
  changed: number,
  adjusted: number,
): BaselineChanges {
  const n = both + onlyFirst + onlySecond + neither;
  return {
    before: share(both + onlySecond, n),
    after: share(both + onlyFirst, n),
    churn: share(changed, n),
    negativeFlips: share(onlySecond, n),
    positiveFlips: share(onlyFirst, n),
    difference: { ...difference },
    pValue,
    adjusted,
  };
}

function without<T extends { readonly on: string | null }>({ on: _, ...rest }: T): Omit<T, 'on'> {
  return rest;
}

function lostExamples(before: Report, { outcomes: { label, prediction }, data }: Report): BaselineReport['lost'] {
  const lost: BaselineReport['lost'] = [];
  const name = (k: number) => data.classes[k] ?? String(k);
  for (let i = 0; i < label.length && lost.length < MOST_LOST; i++) {
    const truth = label[i]!;
    if (before.outcomes.prediction[i] !== truth || prediction[i] === truth) continue;
    lost.push({ index: i, label: name(truth), prediction: name(prediction[i]!) });
  }
  return lost;
}
