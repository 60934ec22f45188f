import type { ErrorData } from '../../engine/error';
import type { AnyReport } from '../../engine/report/regression';
import type { Report } from '../../engine/report/schema';
import type { Run } from './store';

type RunFacts = Pick<Run, 'state' | 'progress' | 'error'>;

/**
 * A report as it is true now. What is on disk says `running` for ever when its worker was killed; whether it does run
 * is known from the run of this window alone, and how far it is from the run's latest progress.
 */
export function present<Kind extends AnyReport>(report: Kind, run: RunFacts | undefined): Kind {
  if (run?.state === 'running') {
    const { progress } = run;
    if (progress === null) return report;
    const { stage, done, total } = progress;
    return { ...report, status: { ...report.status, state: 'running', stage, done, total } };
  }
  if (report.status.state !== 'running') return report;
  const error = run?.state === 'failed' && run.error !== null ? toStatusError(run.error) : report.status.error;
  return { ...report, status: { ...report.status, state: 'interrupted', error } };
}

function toStatusError({ code, message, hint }: ErrorData): Report['status']['error'] {
  return { code, message, hint };
}

/** Share of a run that is done, 0..100; null while that is not known. */
export function percentDone(run: Pick<Run, 'progress'>): number | null {
  if (run.progress === null || run.progress.total <= 0) return null;
  return Math.min(100, Math.floor((100 * run.progress.done) / run.progress.total));
}
