import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitions } from '../../../src/engine/metric/definitions';
import { share } from '../../../src/engine/metric/interval';
import { recommend } from '../../../src/engine/recommend/registry';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import {
  chromiumPath,
  launch,
  type OpenReport,
  openReport,
  type PageServer,
  servePage,
} from '../../fixtures/reportPage';
import { reportRich } from '../../fixtures/reportRich';

const executable = chromiumPath();
if (executable === null) console.warn('SKIPPED: the report page needs a Chromium; set CHROMIUM_PATH.');

const bins = (shift: number) =>
  Array.from({ length: 15 }, (_, b) => {
    const middle = (b + 0.5) / 15;
    const accuracy = Math.max(0, middle - shift);
    return {
      low: b / 15,
      high: (b + 1) / 15,
      n: b < 5 ? 0 : 20,
      confidence: b < 5 ? null : middle,
      accuracy: b < 5 ? null : accuracy,
    };
  });
const points = (risk: number) => [0.25, 0.5, 0.75, 1].map((coverage) => ({ coverage, risk: risk * coverage }));
const figure = (value: number) => ({ value, low: value, high: value, n: 200 });

/** Confidences that part from the accuracy: a little on clean data, more under corruption, most under attack. */
function pressed(): Report {
  const report = reportRich();
  const withIntervals = (shift: number) =>
    bins(shift).map((bin) => ({ ...bin, accuracy: bin.accuracy === null ? null : figure(bin.accuracy) }));
  report.clean = {
    ...report.clean!,
    calibration: {
      adaptiveEce: figure(0.02),
      maximumCe: figure(0.1),
      overconfidence: figure(0.01),
      bins: withIntervals(0.01),
    },
    selective: { aurc: figure(0.01), excessAurc: figure(0.005), points: points(0.05) },
  };
  const tallied = {
    accuracy: 0.7,
    meanConfidence: 0.85,
    overconfidence: 0.15,
    ece: 0.15,
    adaptiveEce: 0.15,
    aurc: 0.2,
    excessAurc: 0.1,
    brier: 0.4,
  };
  const under = (threatModel: string, sure: number) => ({
    threatModel,
    n: 200,
    leftOut: 0,
    meanConfidence: figure(0.8),
    overconfidence: figure(0.4),
    ece: figure(0.4),
    adaptiveEce: figure(0.4),
    aurc: figure(0.6),
    excessAurc: figure(0.1),
    brier: figure(1.2),
    broken: { n: 100, meanConfidence: 0.8, sure: share(sure, 100) },
    bins: withIntervals(0.4),
    points: points(0.6),
  });
  report.calibration = {
    corrupted: {
      ...tallied,
      bySeverity: [1, 3, 5].map((severity) => ({ severity, ...tallied })),
      byCorruption: [{ name: 'fog', title: 'Fog', severity: 5, n: 200, ...tallied }],
      bins: bins(0.15),
      points: points(0.3),
    },
    attacked: report.threatModels.map(({ name }, i) => under(name, i === 0 ? 61 : 7)),
  };
  return reportSchema.parse(report);
}

describe.skipIf(executable === null)('confidence under pressure and recommendations', () => {
  let browser: Browser;
  let server: PageServer;
  let view: OpenReport;
  const text = (selector: string) => view.page.locator(selector).first().textContent();

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(executable ?? ''), servePage(definitions, 10)]);
    view = await openReport(browser, server, { width: 1100 });
    const report = pressed();
    await view.send({ type: 'report', report, stale: false, secondsLeft: null, recommendations: recommend(report) });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('show clean, corrupted and attacked data side by side', async () => {
    expect(await view.page.locator('.section-pressure .panel h3').allTextContents()).toEqual([
      expect.stringMatching(/^Clean/),
      expect.stringMatching(/^Corrupted .*15\.0.%.off, 85\.0.% sure, 70\.0.% right/),
      expect.stringMatching(/^Attacked, linf-0\.1/),
    ]);
    const tops = await view.page.evaluate<number[]>(
      `[...document.querySelectorAll('.section-pressure .panel')].map((panel) => panel.getBoundingClientRect().top)`,
    );
    expect(new Set(tops).size).toBe(1);
    expect(await text('.section-pressure')).toContain('Sure when broken');
    expect(await text('.section-pressure')).toMatch(/61\.0.%/);
  });

  it('follow the threat model that is chosen', async () => {
    await view.page.click('[role=tab]:nth-child(2)');
    expect(await text('.section-pressure .panel:last-child h3')).toMatch(/^Attacked, l2-1\.5/);
    expect(await text('.section-pressure')).toMatch(/7\.0.%/);
    await view.page.click('[role=tab]:nth-child(1)');
  });

  it('say what asks for a technique, what it costs and what would show it', async () => {
    const titles = await view.page.locator('.recommendation h3').allTextContents();
    expect(titles).toEqual(recommend(pressed()).map(({ title }) => title));
    expect(titles).toContain('An ensemble, for confidence that falls under corruption');
    const one = '.recommendation[data-key=recommendation-confidence-calibrated-training]';
    expect(await text(one)).toContain('61 %, above 50 %');
    expect(await text(one)).toContain('not reported');
    expect(await text(`${one} code`)).toBe('calibration(linf-0.1) <= 0.20');
    const cost = '.recommendation[data-key=recommendation-ensembling] details';
    expect(await view.page.locator(`${cost} li`).first().isVisible()).toBe(false);
    await view.page.click(`${cost} summary`);
    expect(await view.page.locator(`${cost} li`).first().isVisible()).toBe(true);
    expect(await text(`${cost} cite`)).toContain('Ovadia');
  });

  it('fit a narrow window, and break no policy', async () => {
    for (const width of [400, 760, 1600]) {
      await view.page.setViewportSize({ width, height: 900 });
      expect(
        await view.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBe(0);
    }
    expect(view.problems).toEqual([]);
  });
});
