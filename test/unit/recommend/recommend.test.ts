import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseGate } from '../../../src/engine/evaluate/gate';
import { share } from '../../../src/engine/metric/interval';
import { recommend, techniques } from '../../../src/engine/recommend/registry';
import { sources } from '../../../src/engine/recommend/sources';
import type { Recommendation } from '../../../src/engine/recommend/types';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import { reportBase } from '../../fixtures/reportBase';
import { reportOutputs } from '../../fixtures/reportOutputs';
import { reportEarlier, reportRich, reportRunning } from '../../fixtures/reportRich';

type Change = (report: Report) => void;

/** A report in which nothing is amiss: each change below makes one thing so. */
function perfect(change: Change = () => {}): Report {
  return reportBase((report) => {
    report.clean = {
      ...report.clean!,
      accuracy: share(1000, 1000),
      ece: { value: 0.001, low: 0, high: 0.002, n: 1000 },
      selective: {
        aurc: { value: 0.001, low: 0, high: 0.002, n: 1000 },
        excessAurc: share(0, 1000),
        points: [
          { coverage: 0.8, risk: 0 },
          { coverage: 1, risk: 0.2 },
        ],
      },
    };
    for (const threat of report.threatModels) threat.robustAccuracy = share(1000, 1000);
    report.corruptions = {
      meanAccuracy: share(990, 1000),
      mCE: null,
      stabilityIndex: share(990, 1000),
      byCorruption: [
        { name: 'fog', title: 'Fog', severity: 3, accuracy: share(990, 1000), stability: share(990, 1000) },
        {
          name: 'gaussian_noise',
          title: 'Gaussian noise',
          severity: 3,
          accuracy: share(985, 1000),
          stability: share(990, 1000),
        },
      ],
    };
    report.shifts = [{ name: 'photos', accuracy: share(490, 500), drop: 0.02 }];
    change(report);
  });
}

const pressure = (ece: number, sure: number): NonNullable<Report['calibration']> => {
  const figures = {
    accuracy: 0.7,
    meanConfidence: 0.7 + ece,
    overconfidence: ece,
    ece,
    adaptiveEce: ece,
    aurc: 0.1,
    excessAurc: 0.05,
    brier: 0.4,
  };
  const interval = { value: ece, low: ece, high: ece, n: 1000 };
  return {
    corrupted: { ...figures, bySeverity: [{ severity: 3, ...figures }], byCorruption: [], bins: [], points: [] },
    attacked: [
      {
        threatModel: 'linf-8',
        n: 1000,
        leftOut: 0,
        meanConfidence: interval,
        overconfidence: interval,
        ece: interval,
        adaptiveEce: interval,
        aurc: interval,
        excessAurc: interval,
        brier: interval,
        broken: { n: 100, meanConfidence: 0.8, sure: share(100 * sure, 100) },
        bins: [],
        points: [],
      },
    ],
  };
};

const pitfall = (rule: string, severity: 'error' | 'warning') => ({
  rule: `pitfalls/${rule}`,
  severity,
  message: 'Something is wrong.',
  evidence: [],
  advice: 'Mend it, and evaluate again.',
  help: `docs/rules/pitfalls/${rule}.md`,
});

/** By technique: what makes a perfect report ask for it, and what all but does. */
const cases: Readonly<Record<string, { readonly asks: Change; readonly not: Change }>> = {
  'evaluate-properly': {
    asks: (r) => r.pitfalls.push(pitfall('no-gradient', 'error')),
    not: (r) => r.pitfalls.push(pitfall('no-gradient', 'warning')),
  },
  'remove-masking': {
    asks: (r) => r.pitfalls.push(pitfall('gradient-masking', 'error')),
    not: (r) => r.pitfalls.push(pitfall('zero-gradient', 'warning')),
  },
  'more-examples': {
    asks: (r) => Object.assign(r.data, { count: 384 }),
    not: (r) => Object.assign(r.data, { count: 385 }),
  },
  'adversarial-training': {
    asks: (r) => Object.assign(r.threatModels[0]!, { robustAccuracy: share(499, 1000) }),
    not: (r) => Object.assign(r.threatModels[0]!, { robustAccuracy: share(500, 1000) }),
  },
  'randomized-smoothing': {
    asks: (r) => Object.assign(r.threatModels[0]!, { norm: 'l2', robustAccuracy: share(499, 1000) }),
    not: (r) =>
      Object.assign(r.threatModels[0]!, {
        norm: 'l2',
        robustAccuracy: share(499, 1000),
        certifiedAccuracy: share(500, 1000),
      }),
  },
  'corruption-training': {
    asks: (r) => Object.assign(r.corruptions!.byCorruption[0]!, { accuracy: share(899, 1000) }),
    not: (r) => Object.assign(r.corruptions!.byCorruption[0]!, { accuracy: share(900, 1000) }),
  },
  'domain-adaptation': {
    asks: (r) => Object.assign(r.shifts[0]!, { drop: 0.051 }),
    not: (r) => Object.assign(r.shifts[0]!, { drop: 0.05 }),
  },
  regularisation: {
    asks: (r) => Object.assign(r, { generalisation: gap(0.051) }),
    not: (r) => Object.assign(r, { generalisation: gap(0.05) }),
  },
  'group-weighting': {
    asks: (r) => Object.assign(r, { groups: groups(0.11) }),
    not: (r) => Object.assign(r, { groups: groups(0.1) }),
  },
  'temperature-scaling': {
    asks: (r) => Object.assign(r.clean!.ece!, { value: 0.051 }),
    not: (r) => Object.assign(r.clean!.ece!, { value: 0.05 }),
  },
  ensembling: {
    asks: (r) => Object.assign(r, { calibration: pressure(0.11, 0) }),
    not: (r) => Object.assign(r, { calibration: pressure(0.1, 0) }),
  },
  rejection: {
    asks: (r) => Object.assign(r.clean!, { accuracy: share(949, 1000) }),
    not: (r) => {
      r.clean!.accuracy = share(949, 1000);
      // The surest are as often wrong as the others: to refuse the unsure ones would help nobody.
      r.clean!.selective!.points = [
        { coverage: 0.8, risk: 0.051 },
        { coverage: 1, risk: 0.051 },
      ];
    },
  },
  'confidence-calibrated-training': {
    asks: (r) => Object.assign(r, { calibration: pressure(0.05, 0.51) }),
    not: (r) => Object.assign(r, { calibration: pressure(0.05, 0.5) }),
  },
  'outlier-exposure': {
    asks: (r) => Object.assign(r, { outOfDistribution: outside(0.89) }),
    not: (r) => Object.assign(r, { outOfDistribution: outside(0.9) }),
  },
  'spatial-training': {
    asks: (r) => Object.assign(r, { spatial: spatial(499) }),
    not: (r) => Object.assign(r, { spatial: spatial(500) }),
  },
};

function gap(low: number): Report['generalisation'] {
  const value = low + 0.02;
  return {
    trainPath: 'train.npz',
    trainExamples: 5000,
    train: share(1000, 1000),
    test: share(930, 1000),
    gap: { value, low, high: value + 0.02, n: 1000 },
  };
}

function groups(between: number): Report['groups'] {
  return {
    by: 'camera',
    rows: [],
    clean: { worst: 'night', accuracy: share(800, 1000), gap: between },
    robust: [],
  };
}

function outside(auroc: number): Report['outOfDistribution'] {
  const figure = (value: number) => ({ value, low: value, high: value, n: 100 });
  const data = { path: 'o.npz', sha256: 'd'.repeat(64), count: 100, available: 100 };
  return [
    {
      name: 'noise',
      data,
      positive: 'out-of-distribution',
      detection: (['energy', 'confidence'] as const).map((score) => ({
        score,
        auroc: figure(score === 'confidence' ? auroc : 0.5),
        aupr: figure(0.9),
        fpr95: figure(0.3),
      })),
      ordinary: 100,
    },
  ];
}

function spatial(right: number): Report['spatial'] {
  return { ...reportRich().spatial!, worstCase: share(right, 1000) };
}

const named = (found: readonly Recommendation[]) => found.map(({ technique }) => technique);

/** Sets what a pointer names; the report stays one. */
function set(report: Report, pointer: string, value: number): void {
  const path = pointer.split('/').slice(1);
  const last = path.pop()!;
  let at: unknown = report;
  for (const key of path) at = (at as Record<string, unknown>)[key];
  (at as Record<string, unknown>)[last] = value;
}

function get(report: Report, pointer: string): unknown {
  let at: unknown = report;
  for (const key of pointer.split('/').slice(1)) at = (at as Record<string, unknown>)[key];
  return at;
}

describe('recommendations', () => {
  it('are none where everything is perfect, and none before the end', () => {
    expect(recommend(perfect())).toEqual([]);
    expect(recommend(reportRunning())).toEqual([]);
  });

  it('have a case here each', () => {
    expect(Object.keys(cases).sort()).toEqual(techniques.map(({ name }) => name).sort());
  });

  it.each(Object.entries(cases))('%s is asked for by a figure, and not without it', (name, { asks, not }) => {
    const asking = perfect(asks);
    reportSchema.parse(asking);
    reportSchema.parse(perfect(not));
    expect(named(recommend(asking))).toContain(name);
    expect(named(recommend(perfect(not)))).not.toContain(name);
  });

  it.each(Object.entries(cases))(
    '%s names figures that are in the report, and gates that can be written',
    (name, { asks }) => {
      const report = perfect(asks);
      const found = recommend(report).find(({ technique }) => technique === name)!;
      expect(found.triggers.length).toBeGreaterThan(0);
      for (const { pointer, value, relation, threshold } of found.triggers) {
        const there = get(report, pointer);
        if (relation === 'present') {
          expect(there).toMatchObject({ message: value });
          continue;
        }
        expect(there).toBe(value);
        expect(relation === '<' ? Number(value) < threshold! : Number(value) > threshold!).toBe(true);
      }
      expect([...found.gates, found.evidence ?? ''].join('')).not.toBe('');
      for (const gate of found.gates) {
        parseGate(
          gate,
          report.threatModels.map((threat) => threat.name),
          ['photos', 'noise'],
        );
      }
      expect(found.action.length).toBeGreaterThan(20);
    },
  );

  it.each(Object.entries(cases))('%s stays, however much worse the figure gets', (name, { asks }) => {
    const { triggers } = recommend(perfect(asks)).find(({ technique }) => technique === name)!;
    for (const { pointer, relation, value, threshold } of triggers) {
      if (relation === 'present') continue;
      for (const part of [0.25, 0.5, 1]) {
        const report = perfect(asks);
        const extreme = relation === '<' ? 0 : Math.max(1, threshold! * 10);
        set(report, pointer, Number(value) + part * (extreme - Number(value)));
        // No test set is smaller than one example.
        if (pointer === '/data/count') report.data.count = Math.max(1, Math.round(report.data.count));
        expect(named(recommend(report)), `${pointer} ${part}`).toContain(name);
      }
    }
  });

  it('says of a regression how well its error is known, and how much better it would be', () => {
    const report = reportOutputs();
    Object.assign(report.clean!, { mae: { value: 20, low: 18, high: 22, n: 100 } });
    report.data.count = 100;
    const few = recommend(report).find(({ technique }) => technique === 'more-examples');
    expect(few?.why).toBe('With 100 examples the mean absolute error is uncertain by 10 % either way.');
    // 10 % · √(100 / 385)
    expect(few?.evidence).toBe('385 examples: about 5.1 % either way.');
  });

  it('names no attack along gradients for texts, which have none', () => {
    const asked = (kind: Report['data']['kind']) =>
      recommend(
        perfect((report) => {
          report.data.kind = kind;
          report.threatModels[0]!.robustAccuracy = share(100, 1000);
        }),
      ).find(({ technique }) => technique === 'adversarial-training');
    expect(asked('image')?.title).toBe('Adversarial training (PGD, TRADES)');
    expect(asked('text')?.title).toBe('Training on edited texts');
    expect(asked('text')?.action).not.toMatch(/PGD|TRADES|samples\//);
  });

  it('put the evaluation first, then what is expected to gain most in the context', () => {
    const everything = (context?: string) =>
      perfect((report) => {
        for (const name of [
          'evaluate-properly',
          'adversarial-training',
          'corruption-training',
          'temperature-scaling',
        ]) {
          cases[name]!.asks(report);
        }
        report.threatModels[0]!.robustAccuracy = share(300, 1000);
        report.corruptions!.meanAccuracy = share(500, 1000);
        if (context !== undefined) report.spec = { context };
      });
    const order = (context?: string) => named(recommend(everything(context)));
    expect(order()[0]).toBe('evaluate-properly');
    const before = (context: string, a: string, b: string) => order(context).indexOf(a) < order(context).indexOf(b);
    expect(before('security-critical', 'adversarial-training', 'corruption-training')).toBe(true);
    expect(before('consumer', 'corruption-training', 'adversarial-training')).toBe(true);
    for (const { context } of recommend(everything('no such context'))) expect(context).toBe('general');
    const gains = recommend(everything('consumer')).flatMap(({ gain }) => gain ?? []);
    expect(gains).toEqual(gains.toSorted((a, b) => b - a));
  });

  it('say of each cost where it was reported, and that none is', () => {
    const found = recommend(perfect(cases['adversarial-training']!.asks))[0]!;
    expect(found.costs[0]!.source).toMatch(/Madry/);
    const page = renderMarkdown(perfect(cases['spatial-training']!.asks));
    expect(page).toContain('## Recommendations');
    expect(page).toContain('not reported');
  });

  it('stand in the renderings of reports of any age, and are not stored', () => {
    const earlier = reportEarlier();
    earlier.status = { ...earlier.status, state: 'complete' };
    earlier.threatModels[0]!.robustAccuracy = share(1, 1000);
    expect(renderMarkdown(earlier)).toContain('Adversarial training');
    expect(renderHtml(earlier)).toContain('Adversarial training');
    expect(Object.keys(reportSchema.shape)).not.toContain('recommendations');
  });

  it('of a model that predicts numbers go by its errors', () => {
    const report = reportOutputs();
    report.status = { ...report.status, state: 'complete' };
    const worst = report.threatModels.find(({ worstCase }) => worstCase !== null)!;
    report.clean!.mae.value = 1;
    worst.worstCase!.mae.value = 2.01;
    expect(named(recommend(report))).toContain('adversarial-training');
    for (const threat of report.threatModels) if (threat.worstCase) threat.worstCase.mae.value = 2;
    expect(named(recommend(report))).not.toContain('adversarial-training');
  });
});

describe('docs/recommendations.md', () => {
  const page = readFileSync(new URL('../../../docs/recommendations.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');

  it.each(Object.entries(sources))('has the words and the place of %s', (_, { text, source, url }) => {
    expect(page).toContain(text);
    expect(page).toContain(source);
    expect(page).toContain(url);
  });

  it.each(techniques.map(({ name, title }) => [name, title]))('names %s', (name, title) => {
    expect(page).toContain(`\`${name}\``);
    expect(page).toContain(title);
  });
});
