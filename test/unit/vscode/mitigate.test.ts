import { describe, expect, it } from 'vitest';
import type { Mitigation } from '../../../src/engine/report/evidenceSchema';
import type { Pitfall, Report } from '../../../src/engine/report/schema';
import { mitigationRequest } from '../../../src/vscode/report/mitigate';
import { reportBase } from '../../fixtures/reportBase';

const asked = { rule: 'pitfalls/weak-suite', message: 'A first look.' };

function report(changes: Mitigation['changes'] | null, change: (report: Report) => void = () => {}): Report {
  return reportBase((base) => {
    const pitfall: Pitfall = { ...asked, severity: 'warning', evidence: [], advice: 'Run more.', help: 'docs' };
    if (changes !== null) pitfall.mitigation = { label: 'Run more', command: 'rerun', changes };
    base.pitfalls = [{ ...pitfall, message: 'Another.' }, pitfall];
    change(base);
  });
}

describe('mitigationRequest', () => {
  it('runs what the report is of again, with the changes that the report states', () => {
    const changes = { threatModels: ['linf-8'], suite: 'thorough' as const };
    // 1000 of 10 000 examples by the suite standard.
    expect(mitigationRequest(report(changes), asked)).toEqual({
      seed: 0,
      limit: 1000,
      preset: 'standard',
      changes: [changes],
    });
  });

  it('goes on from what earlier mitigations changed, or each would undo the last', () => {
    const earlier = [{ threatModels: ['linf-8'], suite: 'plus' as const }, { iterations: 200 }];
    const again = report({ addAttacks: ['square'] }, (base) => {
      base.spec = { changes: earlier };
    });
    const { changes, preset } = mitigationRequest(again, asked);
    expect(changes).toEqual([...earlier, { addAttacks: ['square'] }]);
    // That suite came by a change: as a preset it would go to every threat model.
    expect(preset).toBeUndefined();
  });

  it.each([[[{ iterations: 'all' }]], [{ suite: 'quick' }], [[{ command: 'rm' }]], ['__proto__']])(
    'takes no earlier changes from a report that has %j for them',
    (stored) => {
      const forged = report({ restarts: 5 }, (base) => {
        base.spec = { changes: stored };
      });
      expect(mitigationRequest(forged, asked).changes).toEqual([{ restarts: 5 }]);
    },
  );

  it('evaluates more examples where that is the mitigation', () => {
    expect(mitigationRequest(report({ limit: 4000 }), asked).limit).toBe(4000);
    expect(mitigationRequest(report({ limit: 10 }), asked).limit).toBe(1000);
  });

  it('keeps the threat model that was stated by options, where there is no spec to say it', () => {
    const byOptions = report({ restarts: 5 }, (base) => {
      base.specPath = null;
    });
    expect(mitigationRequest(byOptions, asked)).toMatchObject({ norm: 'linf', epsilon: '8/255' });
  });

  it.each([
    ['a rule that found nothing', { rule: 'pitfalls/zero-gradient', message: asked.message }],
    ['a message that the report has not', { rule: asked.rule, message: 'Run everything.' }],
  ])('refuses %s', (_, pitfall) => {
    expect(() => mitigationRequest(report({ restarts: 5 }), pitfall)).toThrow(
      expect.objectContaining({ code: 'report/no-mitigation' }),
    );
  });

  it('refuses a pitfall that no run mends', () => {
    expect(() => mitigationRequest(report(null), asked)).toThrow(
      expect.objectContaining({ code: 'report/no-mitigation' }),
    );
  });
});
