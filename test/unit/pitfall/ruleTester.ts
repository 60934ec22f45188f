import { describe, expect, it } from 'vitest';
import { checkPitfalls } from '../../../src/engine/pitfall/registry';
import type { PitfallRule, PitfallSeverity } from '../../../src/engine/pitfall/types';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import { collapsedReport, reportBase } from '../../fixtures/reportBase';

interface Invalid {
  readonly report: Report;
  readonly severity: PitfallSeverity;
  /** What the message must say: figures and names, not phrases. */
  readonly says: readonly string[];
}

/** Holds a rule against reports on which it must be silent and reports on which it must speak. */
export function testRule(
  rule: PitfallRule,
  examples: { readonly valid: Record<string, Report>; readonly invalid: Record<string, Invalid> },
): void {
  const valid = { 'an honest report': reportBase(), ...examples.valid };
  describe(rule.name, () => {
    it.each(Object.entries(valid))('is silent on %s', (_, report) => {
      reportSchema.parse(report);
      expect(rule.check(report)).toEqual([]);
    });

    it.each(Object.entries(examples.invalid))('speaks on %s', (_, { report, severity, says }) => {
      reportSchema.parse(report);
      const found = checkPitfalls(report).filter((pitfall) => pitfall.rule === `pitfalls/${rule.name}`);
      expect(found.map((pitfall) => pitfall.severity)).toEqual([severity]);
      for (const part of says) expect(found[0]!.message).toContain(part);
      expect(found[0]!.message).toMatch(/^[^\n]+\.$/);
      expect(found[0]!.advice).toMatch(/^[^\n]+\.$/);
      expect(`${found[0]!.message} ${found[0]!.evidence.join(' ')}`).not.toMatch(/undefined|NaN|null|\[object/);
    });

    if (rule.name !== 'clean-accuracy-as-robustness') {
      it('is silent on a plainly trained network that collapses, well measured', () => {
        expect(rule.check(collapsedReport())).toEqual([]);
      });
    }
  });
}

/** The same report, as it looks in the middle of the run. */
export function running(report: Report): Report {
  report.status = { state: 'running', stage: 'Attacking', done: 1, total: 2, error: null };
  report.run = 'run-1';
  for (const threat of report.threatModels) threat.examplesDone = Math.floor(report.data.count / 2);
  return report;
}
