import { shortThreat } from '../report/describe';
import type { Report, ThreatModelReport } from '../report/schema';
import { isComplete } from '../report/words';

/** Rounding of an ε that was written as a fraction in one spec and as a decimal in another. */
const digits = 6;

/**
 * Reports that rest on the same examples: same data by its hash, same labels in the same order. The group of most reports
 * is the one compared; of equals, the first given.
 *
 * @returns for each report why it stands apart, null if it does not
 */
export function apartBecause(reports: readonly Report[]): (string | null)[] {
  const keys = reports.map(examplesKey);
  const sizes = new Map<string, number>();
  for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  let chosen = keys[0];
  for (const [key, size] of sizes) if (size > (sizes.get(chosen ?? '') ?? 0)) chosen = key;
  const hash = reports[keys.indexOf(chosen ?? '')]?.data.sha256;
  return reports.map((report, i) => {
    if (keys[i] !== chosen) return report.data.sha256 === hash ? 'other examples of the data' : 'other data';
    if (report.clean === null) return 'no clean accuracy yet';
    return null;
  });
}

function examplesKey({ data, outcomes }: Report): string {
  return `${data.sha256} ${data.count} ${outcomes.label.join()}`;
}

/** Equal where two threat models allow the same changes to the same data, in whatever units their specs state them. */
export function threatKey(threat: ThreatModelReport, { data, spec }: Report): string {
  // ε and bounds are in units of `data.unit`; of two specs one may say 8/255 and the other 8 grey levels.
  const stored = (value: number) => (value * data.unit).toPrecision(digits);
  const features = (spec.data as { features?: unknown } | undefined)?.features ?? null;
  return JSON.stringify([
    threat.norm,
    threat.norm === 'l0' ? threat.epsilon : stored(threat.epsilon),
    threat.bounds?.map(stored) ?? null,
    threat.knowledge,
    threat.goal,
    threat.target ? [threat.target.rule, threat.target.class] : null,
    threat.counts ?? null,
    threat.queries,
    // A network of another input size has other values to change.
    data.shape.reduce((product, size) => product * size, 1),
    features,
  ]);
}

export function threatLabel(threat: ThreatModelReport): string {
  const knowledge = { 'white-box': '', 'black-box-score': ', black box (scores)', 'black-box-decision': ', black box' };
  return `${shortThreat(threat)}${knowledge[threat.knowledge]}`;
}

/** [n] 1 where the model is right; or why there are none that the reported figure would be the mean of. */
export function cleanOutcomes(report: Report): Uint8Array | string {
  const { label, prediction } = report.outcomes;
  if (report.clean === null) return 'no clean accuracy yet';
  if (label.length !== report.data.count || prediction.length !== label.length) return 'no outcome for every example';
  return held(
    Uint8Array.from(label, (truth, i) => (prediction[i] === truth ? 1 : 0)),
    report.clean.accuracy.value,
    report,
  );
}

/** [n] 1 where no attack of the threat model broke the example; or why there are none. */
export function robustOutcomes(report: Report, threat: ThreatModelReport): Uint8Array | string {
  const brokenBy = Object.hasOwn(report.outcomes.brokenBy, threat.name)
    ? report.outcomes.brokenBy[threat.name]
    : undefined;
  if (threat.robustAccuracy === null) return 'no attack has reported';
  if (!isComplete(report) || threat.examplesDone < report.data.count) return `the evaluation is ${report.status.state}`;
  if (brokenBy?.length !== report.data.count) return 'no outcome for every example';
  return held(
    Uint8Array.from(brokenBy, (attack) => (attack === null ? 1 : 0)),
    threat.robustAccuracy.value,
    report,
  );
}

/** A figure that is no share of the outcomes is an expected one, of a model that answers differently from run to run. */
function held(outcomes: Uint8Array, value: number, { model }: Report): Uint8Array | string {
  let right = 0;
  for (const outcome of outcomes) right += outcome;
  if (Math.abs(right / outcomes.length - value) < 1e-9) return outcomes;
  return model.random === undefined ? 'outcomes and figure differ' : 'a random model, whose figures are expected ones';
}
