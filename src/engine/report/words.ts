import { holdsAutoAttack } from './autoAttack';
import type { AnyReport } from './regression';
import type { Figure, Report, ThreatModelReport } from './schema';

/** `94.0 %`; a share of a small sample is not given to more digits than it has. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** `94.0 % (90–97)`: a figure never stands without its interval. */
export function withInterval({ value, low, high }: Figure): string {
  return `${percent(value)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
}

export function orDash(figure: Figure | null | undefined): string {
  return figure ? withInterval(figure) : '–';
}

/** What is known of robust accuracy: an upper bound, since a stronger attack can only lower it. */
export function robustText(threat: Pick<ThreatModelReport, 'robustAccuracy'>, complete: boolean): string {
  if (threat.robustAccuracy === null) return '–';
  return `≤ ${withInterval(threat.robustAccuracy)}${complete ? '' : ' so far'}`;
}

export function isComplete(report: Pick<Report, 'status'>): boolean {
  return report.status.state === 'complete';
}

/** What a model that returns labels gave the attacks. */
export function labelsText({ scoresBefore }: Pick<Report['model'], 'scoresBefore'>): string {
  return scoresBefore === undefined
    ? 'the file returns labels alone, and holds no scores: only attacks by labels ran'
    : `the file returns labels; attacks by scores and gradients take what goes into its ${scoresBefore}, the verifier the labels`;
}

/** How much the attacks on a threat model weigh; null where there is nothing to say. */
export function suiteText(threat: Pick<ThreatModelReport, 'suite' | 'norm' | 'attacks'>): string | null {
  if (threat.suite === 'quick') {
    return 'A quick suite, with small budgets: a first look. The robust accuracy is an upper bound that the suite `standard` may well lower; quote no figure of this run as robustness.';
  }
  if (!holdsAutoAttack(threat)) return null;
  return "The attacks and budgets of AutoAttack's standard version are among these (Croce & Hein, ICML 2020).";
}

/** Seconds as a person says them. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** Why the figures may not be read yet; null for a report that is complete. */
export function caveat({ status, task }: Pick<AnyReport, 'status' | 'task'>): string | null {
  const figures = task === 'regression' ? 'errors can only grow' : 'figures are upper bounds so far';
  switch (status.state) {
    case 'complete':
      return null;
    case 'running':
      return `The evaluation is still running (${status.stage}); ${figures}.`;
    case 'interrupted':
      return `The evaluation was interrupted (${status.stage}); ${figures}.`;
    case 'failed':
      return `The evaluation failed: ${status.error?.message ?? status.stage}`;
  }
}
