import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { compareModels } from '../../../src/engine/compare/compare';
import { renderComparisonHtml } from '../../../src/engine/compare/html';
import { compareReports, comparisonTable } from '../../../src/engine/report/compare';
import { renderCsv } from '../../../src/engine/report/csv';
import { curveSvg } from '../../../src/engine/report/curveSvg';
import { describeThreat, shortThreat } from '../../../src/engine/report/describe';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import { renderSarif } from '../../../src/engine/report/sarif';
import type { Report } from '../../../src/engine/report/schema';
import { duration, withInterval } from '../../../src/engine/report/words';
import { collapsedReport, reportBase } from '../../fixtures/reportBase';
import { reportRich, reportRunning, reportVector } from '../../fixtures/reportRich';
import { reportTargeted } from '../../fixtures/reportTargeted';

const hostile = '<script>alert(1)</script> | `x` [a](javascript:b) "q"\n# h';
function hostileReport(): Report {
  return reportBase((report) => {
    report.model.path = `models/${hostile}.onnx`;
    for (const threat of report.threatModels) {
      const byClass = [{ label: hostile, successRate: report.clean!.accuracy }];
      threat.name = hostile;
      threat.goal = 'targeted';
      threat.target = { rule: 'class', class: hostile, pairs: 9, reached: 3, ownClass: 1, byClass };
      threat.description = describeThreat(threat);
    }
    report.data.classes = report.data.classes.map(() => hostile);
    report.inferred = [hostile];
    if (report.clean) for (const row of report.clean.perClass) row.label = hostile;
    report.pitfalls = [
      {
        rule: `pitfalls/${hostile}`,
        severity: 'error',
        message: hostile,
        evidence: [hostile],
        advice: hostile,
        help: hostile,
      },
    ];
  });
}

const all = {
  base: reportBase,
  rich: reportRich,
  running: reportRunning,
  vector: reportVector,
  targeted: reportTargeted,
  collapsed: collapsedReport,
};

describe.each(Object.entries(all))('the %s report', (_, make) => {
  const report = make();
  const figures = report.threatModels.flatMap((t) => (t.robustAccuracy ? [withInterval(t.robustAccuracy)] : []));

  it('shows its robust figures with intervals in Markdown and HTML', () => {
    for (const text of [renderMarkdown(report), renderHtml(report)]) {
      for (const figure of figures) expect(text).toContain(`≤ ${figure}`);
      expect(text).not.toMatch(/NaN|undefined|\[object/);
    }
  });

  it('warns when it is not complete', () => {
    const warned = /^> \*\*The evaluation (is still running|was interrupted|failed)/m.test(renderMarkdown(report));
    expect(warned).toBe(report.status.state !== 'complete');
  });

  it('is one HTML file that loads nothing', () => {
    const html = renderHtml(report);
    expect(html).toMatch(/^<!DOCTYPE html>/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|https?:\/\/|url\(/);
    for (const tag of ['table', 'figure', 'div', 'ul', 'svg']) {
      const open = html.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length ?? 0;
      expect(html.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0).toBe(open);
    }
  });

  it('gives a rectangular CSV with one row a figure', () => {
    const rows = parse(renderCsv(report), { columns: true }) as Record<string, string>[];
    const robust = rows.filter((row) => row.metric === 'robustAccuracy' && row.section === 'threatModel');
    expect(robust.map((row) => Number(row.value))).toEqual(
      report.threatModels.flatMap((t) => (t.robustAccuracy ? [t.robustAccuracy.value] : [])),
    );
    const curve = rows.filter((row) => row.section === 'curve');
    expect(curve).toHaveLength(report.threatModels.reduce((sum, t) => sum + t.curve.length, 0));
    for (const row of rows) expect(Number.isFinite(Number(row.value))).toBe(true);
  });

  it('gives SARIF with a result for each pitfall', () => {
    const log = JSON.parse(renderSarif([report]));
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run.results).toHaveLength(report.pitfalls.length);
    for (const result of run.results) {
      expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe(encodeURI(report.model.path));
    }
  });
});

describe('names that others chose', () => {
  const report = hostileReport();

  it('do not become HTML', () => {
    for (const html of [renderHtml(report), renderComparisonHtml(compareModels([{ report }]))]) {
      expect(html).not.toContain('<script');
      expect(html).toContain('&lt;script&gt;');
    }
  });

  it('do not become Markdown', () => {
    const markdown = renderMarkdown(report);
    expect(markdown).not.toMatch(/(^|[^\\])<script/);
    expect(markdown).not.toMatch(/(^|[^\\])\[a\]/);
    expect(markdown.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
    // A pipe or a line break in a cell would tear the table.
    const table = markdown.split('\n').filter((line) => line.startsWith('|'));
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    const header = table.findIndex((line) => line.startsWith('| Class'));
    for (const line of table.slice(header, header + 3)) expect(cells(line)).toBe(cells(table[header] ?? ''));
  });

  it('do not become formulas in a spreadsheet', () => {
    const evil = reportBase((each) => {
      each.model.path = '=HYPERLINK("http://x","y")';
    });
    const rows = parse(renderCsv(evil)) as string[][];
    expect(rows[1]?.[0]).toBe(`'=HYPERLINK("http://x","y")`);
  });
});

describe('describeThreat', () => {
  const threat = {
    norm: 'linf',
    epsilon: 8 / 255,
    epsilonText: '8/255',
    bounds: [0, 1] as [number, number],
    knowledge: 'white-box',
    goal: 'untargeted',
    queries: null,
  } as const;

  it('says norm, size, bounds, knowledge and goal', () => {
    const text = describeThreat({ ...threat, bounds: [0, 1] });
    for (const word of ['white box', 'ℓ∞', '8/255 (0.0314)', '0 to 1', 'untargeted']) expect(text).toContain(word);
  });

  it('says the budget of queries, and when there are no bounds', () => {
    const text = describeThreat({ ...threat, bounds: null, knowledge: 'black-box-score', queries: 500 });
    expect(text).toMatch(/only the scores.*without bounds.*500 queries/);
    expect(shortThreat({ norm: 'l2', epsilonText: '0.5' })).toBe('ℓ2 ≤ 0.5');
  });
});

describe('a report of targeted attackers', () => {
  it('has a table of classes, the easiest to reach first, and says what counts', () => {
    const text = renderMarkdown(reportTargeted());
    expect(text).toMatch(
      /## Targets: each\n\n.*each of the wrong classes in turn, and reached the target in 1530 of 7650 pairs/,
    );
    const rows = text
      .slice(text.indexOf('## Targets: each'))
      .split('\n')
      .filter((line) => line.startsWith('| '));
    expect(rows[0]).toBe('| Target | Reached | Pairs |');
    expect(rows.slice(2, 5).map((line) => line.split(' | ')[0])).toEqual(['| cat', '| truck', '| ship']);
    expect(text).toMatch(/the class cat, and reached.*85 examples are of that class/);
    expect(text).toContain('Pairs attempted');
    expect(text).toContain('each (ℓ∞ ≤ 8/255, targeted (all))');
    expect(renderHtml(reportTargeted())).toContain('Targets: cat');
    const csv = parse(renderCsv(reportTargeted()), { columns: true }) as Record<string, string>[];
    expect(csv.filter((row) => row.section === 'target' || Object.values(row)[0] === 'target')).toHaveLength(11);
    expect(renderMarkdown(reportBase())).not.toMatch(/Target|Pairs/);
  });

  it('is not compared with one of any class as if they were alike', () => {
    const { notes } = compareReports([
      reportTargeted(),
      reportBase((report) => report.threatModels.push(report.threatModels[0]!)),
    ]);
    expect(notes.join(' ')).toMatch(/different threat models/);
    expect(comparisonTable([reportTargeted()]).rows[1]?.join()).toContain('targeted (cat)');
  });
});

describe('compareReports', () => {
  it('has one row a model and threat model', () => {
    const { rows, notes } = compareReports([reportBase(), collapsedReport()]);
    expect(rows).toHaveLength(reportBase().threatModels.length + collapsedReport().threatModels.length);
    expect(rows[0]).toMatchObject({ clean: reportBase().clean?.accuracy, complete: true });
    expect(comparisonTable([reportBase()]).rows[0]).toHaveLength(comparisonTable([reportBase()]).columns.length);
    expect(notes.join(' ')).toMatch(/different threat models/);
    expect(compareReports([reportBase(), reportBase()]).notes).toEqual([]);
  });

  it('says what cannot be compared', () => {
    const other = reportBase((report) => {
      report.data.sha256 = 'f'.repeat(64);
      for (const threat of report.threatModels) threat.epsilon = 0.5;
    });
    expect(compareReports([reportBase(), other]).notes.join(' ')).toMatch(/different data.*different threat models/);
    expect(compareReports([reportRunning()]).notes.join(' ')).toMatch(/is running/);
  });

  it('shows a model that has no threat model', () => {
    const bare = reportBase((report) => {
      report.threatModels = [];
    });
    expect(compareReports([bare]).rows).toMatchObject([{ threatModel: null, robust: null }]);
    expect(comparisonTable([bare]).rows).toHaveLength(1);
  });
});

describe('curveSvg', () => {
  it('draws every point inside its frame, a fall downwards', () => {
    const { curve, epsilon } = reportBase().threatModels[0] as Report['threatModels'][number];
    const svg = curveSvg({ curve, epsilon }, 10);
    const points = /<polyline class="line" points="([^"]*)"/
      .exec(svg)?.[1]
      ?.split(' ')
      .map((p) => p.split(',').map(Number));
    expect(points).toHaveLength(curve.length);
    for (const [x = -1, y = -1] of points ?? []) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(480);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(260);
    }
    expect(points?.at(-1)?.[1]).toBeGreaterThan(points?.[0]?.[1] ?? 0);
  });

  it('does not divide by an ε of zero', () => {
    const accuracy = { value: 1, low: 1, high: 1, n: 1 };
    expect(curveSvg({ curve: [{ epsilon: 0, accuracy }], epsilon: 0 }, 2)).not.toContain('NaN');
  });
});

describe('duration', () => {
  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [3661, '1 h 1 min'],
  ])('%d s is %s', (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe('the weight of the attacks', () => {
  const withSuite = (suite: 'quick' | 'standard', names: readonly (readonly [string, number])[]) =>
    reportBase((report) => {
      const [threat] = report.threatModels;
      const row = threat!.attacks[0]!;
      threat!.suite = suite;
      threat!.attacks = names.map(([name, iterations]) => ({ ...row, name, iterations }));
    });
  const standard = [
    ['apgd-ce', 100],
    ['apgd-t', 100],
    ['fab-t', 100],
    ['square', 5000],
  ] as const;

  it('a quick suite is called a first look', () => {
    expect(renderMarkdown(withSuite('quick', standard))).toContain('a first look');
    expect(renderMarkdown(withSuite('standard', standard))).not.toContain('a first look');
  });

  it('AutoAttack is named where all of its attacks ran in full', () => {
    const named = (report: Report) => /AutoAttack's standard version/.test(renderMarkdown(report));
    expect(named(withSuite('standard', standard))).toBe(true);
    expect(named(withSuite('standard', standard.slice(0, 3)))).toBe(false);
    expect(named(withSuite('standard', [...standard.slice(0, 3), ['square', 1000]]))).toBe(false);
  });

  it('the ladder is a table from the weakest to the strongest', () => {
    const report = reportBase((each) => {
      const accuracy = (value: number) => ({ value, low: value, high: value, n: 100 });
      const rung = (name: string, value: number) => ({ name, title: name.toUpperCase(), accuracy: accuracy(value) });
      each.checks.ladder = [
        { threatModel: each.threatModels[0]!.name, rungs: [rung('fgsm', 0.7), rung('pgd', 0.5), rung('suite', 0.4)] },
      ];
    });
    const text = renderMarkdown(report);
    expect(text.indexOf('| FGSM | 70.0 %')).toBeGreaterThan(0);
    expect(text.indexOf('| SUITE | 40.0 %')).toBeGreaterThan(text.indexOf('| PGD | 50.0 %'));
  });
});
