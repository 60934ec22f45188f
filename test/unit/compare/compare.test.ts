import { describe, expect, it } from 'vitest';
import { compareModels } from '../../../src/engine/compare/compare';
import { renderComparisonHtml } from '../../../src/engine/compare/html';
import { comparisonSections } from '../../../src/engine/compare/sections';
import { share } from '../../../src/engine/metric/interval';
import type { Report } from '../../../src/engine/report/schema';
import { reportBase } from '../../fixtures/reportBase';

/** A report whose figures follow from its outcomes: right on the first `correct`, standing on the first `standing`. */
function measured(path: string, correct: number, standing: number, change: (report: Report) => void = () => {}) {
  return reportBase((report) => {
    const n = report.data.count;
    report.model.path = path;
    report.clean!.accuracy = share(correct, n);
    const { label } = report.outcomes;
    report.outcomes.prediction = label.map((y, i) => (i < correct ? y : (y + 1) % 10));
    report.outcomes.brokenBy['linf-8'] = label.map((_, i) => (i < standing ? null : i < correct ? 'pgd' : 'clean'));
    report.threatModels[0]!.robustAccuracy = share(standing, n);
    change(report);
  });
}

const compare = (...reports: Report[]) => compareModels(reports.map((report) => ({ report })));
const accurate = () => measured('models/accurate.onnx', 950, 300);
const robust = () => measured('models/robust.onnx', 850, 480);

describe('trade-off', () => {
  it('marks the Pareto front under each threat model', () => {
    const beaten = measured('models/beaten.onnx', 840, 290);
    const [off] = compare(accurate(), robust(), beaten).tradeOffs;
    expect(off?.points.map(({ front }) => front)).toEqual([true, true, false]);
    expect(off?.label).toBe('ℓ∞ ≤ 8/255');
    expect(off!.x.min).toBeLessThan(off!.points[2]!.clean.low);
    expect(off!.y.max).toBeGreaterThan(off!.points[1]!.robust.high);
  });

  it('knows one threat model in two units', () => {
    const grey = measured('models/grey.onnx', 900, 400, (report) => {
      report.data.unit = 1;
      const [threat] = report.threatModels;
      threat!.epsilon = 8;
      threat!.epsilonText = '8';
      threat!.bounds = [0, 255];
    });
    expect(compare(robust(), grey).tradeOffs.map(({ points }) => points.length)).toEqual([2]);
  });

  it.each<[string, (report: Report) => void]>([
    ['ε', (report) => (report.threatModels[0]!.epsilon = 4 / 255)],
    ['norm', (report) => (report.threatModels[0]!.norm = 'l2')],
    ['goal', (report) => (report.threatModels[0]!.goal = 'targeted')],
    ['bounds', (report) => (report.threatModels[0]!.bounds = null)],
    ['knowledge', (report) => (report.threatModels[0]!.knowledge = 'black-box-decision')],
    ['size of the input', (report) => (report.data.shape = [3, 64, 64])],
  ])('does not set two threat models of another %s against each other', (_, change) => {
    const { tradeOffs, paired } = compare(robust(), measured('models/other.onnx', 900, 400, change));
    expect(tradeOffs).toHaveLength(2);
    expect(new Set(tradeOffs.map(({ label }) => label)).size).toBe(2);
    // The examples as they are can be compared still.
    expect(paired.map(({ threat }) => threat)).toEqual([null]);
  });
});

describe('paired tests', () => {
  it('count the examples and adjust for all tests', () => {
    const { paired, churn } = compare(accurate(), robust());
    expect(paired).toMatchObject([
      { threat: null, onlyFirst: 100, onlySecond: 0, both: 850, neither: 50 },
      { threat: 'ℓ∞ ≤ 8/255', onlyFirst: 0, onlySecond: 180, both: 300, neither: 520 },
    ]);
    expect(paired[0]!.difference.value).toBeCloseTo(0.1, 12);
    expect(paired[0]!.adjusted).toBe(Math.max(paired[0]!.pValue, 2 * paired[1]!.pValue));
    expect(churn).toMatchObject([{ gained: 0, lost: 100, otherError: 0 }]);
    expect(churn[0]!.changed.value).toBeCloseTo(0.1, 12);
  });

  it('churn tells what is gained from what is lost, and from errors of another kind', () => {
    const otherwise = measured('models/otherwise.onnx', 900, 400, (report) => {
      const { label, prediction } = report.outcomes;
      for (let i = 990; i < 1000; i++) prediction[i] = (label[i]! + 2) % 10;
    });
    const { churn } = compare(robust(), otherwise);
    expect(churn).toMatchObject([{ gained: 50, lost: 0, otherError: 10, changed: { value: 0.06, n: 1000 } }]);
  });

  it.each<[string, (report: Report) => void, RegExp, number]>([
    ['other data', (report) => (report.data.sha256 = 'f'.repeat(64)), /^other data$/, 2],
    ['other examples', (report) => report.outcomes.label.reverse(), /other examples/, 2],
    ['another suite', (report) => (report.threatModels[0]!.suite = 'quick'), /suites of attacks differ/, 1],
    ['a run under way', (report) => (report.status.state = 'running'), /evaluation is running/, 1],
    ['outcomes that are missing', (report) => (report.outcomes.brokenBy = {}), /no outcome for every example/, 1],
    ['outcomes that are cut', (report) => report.outcomes.prediction.pop(), /no outcome for every example/, 1],
    [
      'figures that are no count',
      (report) => {
        report.model.random = ['RandomNormalLike'];
        report.threatModels[0]!.robustAccuracy = { value: 0.4567, low: 0.4, high: 0.5, n: 1000 };
      },
      /random model/,
      1,
    ],
  ])('are left out for %s, and say so', (_, change, reason, left) => {
    // Two of the first kind, so that the group compared is theirs.
    const { leftOut, paired } = compare(accurate(), robust(), measured('models/odd.onnx', 900, 400, change));
    const odd = leftOut.filter(({ second }) => second === 2);
    expect(odd).toHaveLength(2 * left);
    for (const each of odd) expect(each.reason).toMatch(reason);
    expect(paired.filter(({ first, second }) => first === 0 && second === 1)).toHaveLength(2);
  });

  it('take a threat model of any name', () => {
    const named = (path: string) =>
      measured(path, 900, 400, (report) => {
        report.threatModels[0]!.name = 'constructor';
      });
    expect(compare(named('a.onnx'), named('b.onnx')).leftOut[0]?.reason).toMatch(/no outcome/);
  });
});

describe('the choice', () => {
  it('depends on the context', () => {
    const { choice } = compare(accurate(), robust());
    const of = (name: string) => choice!.byContext.find(({ context }) => context === name)!;
    expect(choice!.terms.map(({ name }) => name)).toEqual(['clean', 'worst', 'calibration']);
    expect(choice!.absent.join()).toMatch(/Corruption accuracy/);
    expect(of('consumer')).toMatchObject({ winner: 0, certainty: 'clear' });
    expect(of('security-critical')).toMatchObject({ winner: 1, certainty: 'clear' });
    for (const { weights, utilities } of choice!.byContext) {
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(utilities.reduce((sum, { wins }) => sum + wins, 0)).toBeCloseTo(1, 9);
      for (const { value, low, high, parts } of utilities) {
        expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(value, 12);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
  });

  it('starts from the context that the specs agree on', () => {
    const critical = (path: string, context: string) =>
      measured(path, 900, 400, (report) => (report.spec = { context }));
    const agreed = compare(critical('a.onnx', 'safety-critical'), critical('b.onnx', 'safety-critical'));
    expect(agreed.choice?.context).toBe('safety-critical');
    const split = compare(critical('a.onnx', 'safety-critical'), critical('b.onnx', 'consumer'));
    expect(split.choice?.context).toBe('general');
    expect(split.notes.join()).toMatch(/different contexts/);
  });

  it('takes the worst case over all threat models together', () => {
    // Each stands on 500 under either; the second on the same 500, the first on none under both.
    const two = (path: string, from: number) =>
      measured(path, 1000, 500, (report) => {
        const second = {
          ...report.threatModels[0]!,
          name: 'l2',
          norm: 'l2' as const,
          robustAccuracy: share(500, 1000),
        };
        report.threatModels.push(second);
        report.outcomes.brokenBy.l2 = report.outcomes.label.map((_, i) => (i >= from && i < from + 500 ? null : 'pgd'));
      });
    const { choice } = compare(two('a.onnx', 500), two('b.onnx', 0));
    expect(choice!.terms.find(({ name }) => name === 'worst')!.values).toEqual([0, 0.5]);
  });

  it('is not settled where most of what counts was not measured', () => {
    const bare = (path: string, correct: number) =>
      measured(path, correct, 0, (report) => {
        report.threatModels = [];
        report.outcomes.brokenBy = {};
      });
    const { choice } = compare(bare('a.onnx', 950), bare('b.onnx', 500));
    const critical = choice!.byContext.find(({ context }) => context === 'security-critical')!;
    expect(critical).toMatchObject({ winner: 0, certainty: 'open' });
    expect(critical.text).toMatch(/^Not settled: 70\.0 %/);
  });

  it('is none between models on different data', () => {
    const other = measured('b.onnx', 900, 400, (report) => (report.data.sha256 = 'e'.repeat(64)));
    const { choice, models } = compare(robust(), other);
    expect(choice).toBeNull();
    expect(models.map(({ apart }) => apart)).toEqual([null, 'other data']);
  });

  it('compares the corruptions that all were given', () => {
    const rows = (report: Report, ...cells: [string, number][]) => {
      const byCorruption = cells.map(([name, accuracy]) => ({
        ...{ name, title: name, severity: 1, accuracy: share(accuracy, 1000), stability: share(accuracy, 1000) },
      }));
      const mean = share(0, 1000);
      report.corruptions = { meanAccuracy: mean, mCE: null, stabilityIndex: mean, byCorruption };
    };
    const easy = measured('a.onnx', 900, 400, (report) => rows(report, ['fog', 700]));
    const hard = measured('b.onnx', 900, 400, (report) => rows(report, ['fog', 800], ['snow', 100]));
    const corruption = (...reports: Report[]) =>
      compare(...reports).choice!.terms.find(({ name }) => name === 'corruption');
    expect(corruption(easy, hard)?.values).toEqual([0.7, 0.8]);
    expect(corruption(hard, easy)?.values).toEqual([0.8, 0.7]);
    expect(corruption(hard, robust())).toBeUndefined();
  });

  it('is the same again', () => {
    expect(compare(accurate(), robust())).toEqual(compare(accurate(), robust()));
  });
});

describe('models of one name', () => {
  it('are told apart by their folders, and by a number', () => {
    const names = (...paths: string[]) =>
      compare(...paths.map((path) => measured(path, 900, 400))).models.map(({ name }) => name);
    expect(names('a/model.onnx', 'b/model.onnx', 'c/other.onnx')).toEqual([
      'a/model.onnx',
      'b/model.onnx',
      'other.onnx',
    ]);
    expect(names('x/model.onnx', 'x/model.onnx')).toEqual(['model.onnx', 'model.onnx (2)']);
  });
});

describe('renderings', () => {
  it('hold every part', () => {
    const titles = comparisonSections(compare(accurate(), robust()), 'consumer').map(({ title }) => title);
    expect(titles).toEqual([
      'Clean against robust: ℓ∞ ≤ 8/255',
      'The same examples, model against model',
      'Prediction churn',
      'Which model for which use: consumer',
      'How far the weights may move',
      'In every context',
    ]);
  });

  it('of HTML need nothing else, and parse nothing of a report', () => {
    const html = renderComparisonHtml(compare(accurate(), measured('<img src=x onerror=alert(1)>.onnx', 900, 400)));
    expect(html).not.toMatch(/<img|<script|https?:/);
    expect(html).toContain('&lt;img');
    expect(html.match(/<circle/g)).toHaveLength(2);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('manage without a threat model, and with one report alone', () => {
    const bare = measured('a.onnx', 900, 400, (report) => (report.threatModels = []));
    for (const comparison of [compare(bare), compare(bare, bare), compare(robust())]) {
      expect(renderComparisonHtml(comparison)).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
});
