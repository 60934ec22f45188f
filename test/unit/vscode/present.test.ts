import { describe, expect, it } from 'vitest';
import { percentDone, present } from '../../../src/vscode/runs/present';
import { reportBase } from '../../fixtures/reportBase';

const running = { state: 'running', stage: 'clean accuracy', done: 1, total: 10, error: null } as const;
const progress = { stage: 'PGD', done: 30, total: 100, secondsLeft: 12 };

describe('present', () => {
  it('gives a running report the latest progress of its run', () => {
    const report = reportBase({ status: running });
    expect(present(report, { state: 'running', progress, error: null }).status).toEqual({
      state: 'running',
      stage: 'PGD',
      done: 30,
      total: 100,
      error: null,
    });
  });

  it('calls a report interrupted that says it runs when nothing does', () => {
    const report = reportBase({ status: running });
    expect(present(report, undefined).status.state).toBe('interrupted');
    expect(present(report, { state: 'cancelled', progress, error: null }).status).toMatchObject({
      state: 'interrupted',
      error: null,
    });
  });

  it('says why a run died', () => {
    const error = { code: 'worker/died', message: 'It died.', hint: 'Resume.' } as const;
    const report = reportBase({ status: running });
    expect(present(report, { state: 'failed', progress, error }).status.error).toEqual(error);
  });

  it('leaves a finished report alone', () => {
    const report = reportBase({});
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
