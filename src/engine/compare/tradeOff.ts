import type { Report, ThreatModelReport } from '../report/schema';
import { isComplete } from '../report/words';
import { threatKey, threatLabel } from './alike';
import { axisOf } from './axis';
import { paretoFront } from './pareto';
import type { TradeOff, TradeOffPoint } from './types';

/** A report's threat model of a key; of several, the one whose attacks got furthest. */
export function threatOf(report: Report, key: string): ThreatModelReport | undefined {
  const threats = report.threatModels.filter((threat) => threatKey(threat, report) === key);
  return threats.reduce<ThreatModelReport | undefined>(
    (best, threat) => (reach(threat) < reach(best) ? threat : (best ?? threat)),
    undefined,
  );
}

function reach(threat: ThreatModelReport | undefined): number {
  return threat?.robustAccuracy?.value ?? Number.POSITIVE_INFINITY;
}

/** Threat models of any report, those of most reports first. */
export function threatKeys(reports: readonly Report[]): string[] {
  const counts = new Map<string, number>();
  for (const report of reports) {
    for (const key of new Set(report.threatModels.map((threat) => threatKey(threat, report)))) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([key]) => key);
}

/** Clean against robust under every threat model that has figures. */
export function tradeOffs(
  reports: readonly Report[],
  names: readonly string[],
  apart: readonly (string | null)[],
): TradeOff[] {
  const found = threatKeys(reports).flatMap((key) => {
    const points = pointsOf(reports, key, apart);
    const threats = points.flatMap(({ model }) => threatOf(reports[model]!, key) ?? []);
    const [threat] = threats;
    if (threat === undefined) return [];
    const clean = points.map((point) => point.clean);
    const robust = points.map((point) => point.robust);
    const notes = notesOn(points, threats, reports, names);
    return [{ key, label: threatLabel(threat), name: threat.name, points, x: axisOf(clean), y: axisOf(robust), notes }];
  });
  return found.map(({ name, label, ...rest }) => {
    const alike = found.filter((other) => other.label === label);
    const place = alike.findIndex(({ key }) => key === rest.key);
    if (alike.length < 2) return { ...rest, label };
    const named = new Set(alike.map((other) => other.name)).size === alike.length;
    return { ...rest, label: `${label} · ${named ? name : place + 1}` };
  });
}

function pointsOf(reports: readonly Report[], key: string, apart: readonly (string | null)[]): TradeOffPoint[] {
  const points = reports.flatMap((report, model) => {
    const threat = threatOf(report, key);
    const clean = report.clean?.accuracy;
    if (clean === undefined || !threat?.robustAccuracy) return [];
    const unfinished = isComplete(report) ? null : `the evaluation is ${report.status.state}`;
    const { robustAccuracy: robust, certifiedAccuracy: certified } = threat;
    return [{ model, clean, robust, certified, apart: apart[model] ?? unfinished }];
  });
  const compared = points.filter((point) => point.apart === null);
  const front = paretoFront(compared.map(({ clean, robust }) => [clean.value, robust.value]));
  return points.map((point) => ({ ...point, front: front[compared.indexOf(point)] ?? false }));
}

function notesOn(
  points: readonly TradeOffPoint[],
  threats: readonly ThreatModelReport[],
  reports: readonly Report[],
  names: readonly string[],
): string[] {
  const notes: string[] = [];
  const suites = [...new Set(threats.map((threat) => threat.suite))];
  if (suites.length > 1) {
    notes.push(
      `The suites of attacks differ (${suites.join(', ')}): a weaker one leaves a higher upper bound, so these figures are not tested against each other.`,
    );
  } else if (suites[0] === 'quick') {
    notes.push('A quick suite attacked: a stronger one may lower these figures, and not by as much for each model.');
  }
  const missing = names.filter((_, model) => !points.some((point) => point.model === model));
  if (missing.length > 0) notes.push(`Not evaluated under this threat model: ${missing.join(', ')}.`);
  const blind = points
    .filter(({ model }) => !reports[model]!.model.gradient.available)
    .map(({ model }) => names[model]!);
  if (blind.length > 0 && blind.length < points.length) {
    notes.push(
      `No gradient could be taken of ${blind.join(', ')}: attacks without one leave more standing, which is no robustness.`,
    );
  }
  return notes;
}
