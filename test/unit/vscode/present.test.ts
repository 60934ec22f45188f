import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/engine/report/schema';
import { percentDone, present } from '../../../src/vscode/runs/present';
import { reportBase } from '../../fixtures/reportBase';

const running = (): Report =>
  reportBase((report) => {
    report.status = { state: 'running', stage: 'clean accuracy', done: 1, total: 10, error: null };
  });
const progress = { stage: 'PGD', done: 30, total: 100, secondsLeft: 12 };

describe('present', () => {
  it('gives a running report the latest progress of its run', () => {
    expect(present(running(), { state: 'running', progress, error: null }).status).toEqual({
      state: 'running',
      stage: 'PGD',
      done: 30,
      total: 100,
      error: null,
    });
  });

  it('calls a report interrupted that says it runs when nothing does', () => {
    expect(present(running(), undefined).status.state).toBe('interrupted');
    const cancelled = present(running(), { state: 'cancelled', progress, error: null });
    expect(cancelled.status).toMatchObject({ state: 'interrupted', error: null });
  });

  it('says why a run died', () => {
    const error = { code: 'worker/died', message: 'It died.', hint: 'Resume.' } as const;
    expect(present(running(), { state: 'failed', progress, error }).status.error).toEqual(error);
  });

  it('leaves a finished report alone', () => {
    const report = reportBase();
    expect(report.status.state).toBe('complete');
    expect(present(report, undefined)).toBe(report);
  });
});

describe('percentDone', () => {
  it('is null without a total, and never beyond 100', () => {
    expect(percentDone({ progress: null })).toBeNull();
    expect(percentDone({ progress: { ...progress, total: 0 } })).toBeNull();
    expect(percentDone({ progress })).toBe(30);
    expect(percentDone({ progress: { ...progress, done: 120 } })).toBe(100);
  });
});
