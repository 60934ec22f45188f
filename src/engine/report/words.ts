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

export function isComplete(report: Report): boolean {
  return report.status.state === 'complete';
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
export function caveat({ status }: Report): string | null {
  switch (status.state) {
    case 'complete':
      return null;
    case 'running':
      return `The evaluation is still running (${status.stage}); figures are upper bounds so far.`;
    case 'interrupted':
      return `The evaluation was interrupted (${status.stage}); figures are upper bounds so far.`;
    case 'failed':
      return `The evaluation failed: ${status.error?.message ?? status.stage}`;
  }
}
