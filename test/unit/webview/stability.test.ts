import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitions } from '../../../src/engine/metric/definitions';
import { recommend } from '../../../src/engine/recommend/registry';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import type { StabilityRow } from '../../../src/engine/report/stability';
import {
  chromiumPath,
  launch,
  type OpenReport,
  openReport,
  type PageServer,
  servePage,
} from '../../fixtures/reportPage';
import { reportRich, wilson } from '../../fixtures/reportRich';

const executable = chromiumPath();
if (executable === null) console.warn('SKIPPED: the report page needs a Chromium; set CHROMIUM_PATH.');

const row = (name: string, title: string, flips: number, steps: number): StabilityRow => ({
  name,
  title,
  steps: '1° a frame',
  frames: steps + 1,
  compared: 'previous',
  flipProbability: wilson(Math.round(flips * 200), 200),
  top5Distance: { value: 10 * flips, low: 9 * flips, high: 11 * flips, n: 200 },
  steady: wilson(Math.round(200 * (1 - flips)), 200),
  byStep: Array.from({ length: steps }, (_, k) => flips * (1 + Math.sin(k))),
});

function report(): Report {
  const changes = {
    before: wilson(960, 1000),
    after: wilson(970, 1000),
    churn: wilson(30, 1000),
    negativeFlips: wilson(5, 1000),
    positiveFlips: wilson(15, 1000),
    difference: { value: 0.01, low: 0.001, high: 0.02, n: 1000 },
    pValue: 0.04,
    adjusted: 0.08,
  };
  return reportSchema.parse({
    ...reportRich(),
    stability: {
      examples: 200,
      mFP: wilson(6, 200),
      index: wilson(194, 200),
      top5Distance: { value: 0.5, low: 0.4, high: 0.6, n: 200 },
      bySequence: [
        row('rotate', 'Rotate', 0.02, 30),
        row('translate', 'Translate', 0.15, 15),
        row('tilt', 'Tilt', 0, 30),
      ],
      reference: {
        name: 'robust.onnx',
        kind: 'report',
        mFR: { value: 1.25, low: 1, high: 1.5, n: 200 },
        mT5D: null,
        bySequence: [{ name: 'rotate', flipProbability: 0.016, flipRate: 1.25 }],
      },
    },
    baseline: {
      path: 'reports/v1.robustness.json',
      createdAt: '2026-11-20T10:00:00.000Z',
      model: { path: 'models/v1.onnx', sha256: 'a'.repeat(64) },
      sameModel: false,
      clean: changes,
      threatModels: [{ name: 'linf-0.1', ...changes, adjusted: 0.001 }],
      leftOut: [{ on: 'l2', reason: 'suites of attacks differ' }],
      lost: [{ index: 17, label: '4', prediction: '9' }],
    },
  });
}

describe.skipIf(executable === null)('sequences and the baseline on the page', () => {
  let browser: Browser;
  let server: PageServer;
  let view: OpenReport;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(executable ?? ''), servePage({ ...definitions }, 10)]);
    view = await openReport(browser, server, { width: 1000 });
    const shown = report();
    await view.send({
      type: 'report',
      report: shown,
      stale: false,
      secondsLeft: null,
      recommendations: recommend(shown),
    });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  const texts = (selector: string) => view.page.locator(selector).allTextContents();

  it('has a bar for each sequence, the one that flips most first', async () => {
    expect(await texts('.section-stability .bar-label')).toEqual(['Translate', 'Rotate', 'Tilt']);
    expect((await texts('.section-stability .bar-value b')).map((text) => text.replace('\u00a0', ' '))).toEqual([
      '15.00 %',
      '2.00 %',
      '0.00 %',
    ]);
    expect((await texts('.section-stability .scores')).join()).toContain('relative to robust.onnx');
    expect((await texts('.section-stability .scores')).join()).toContain('Translate');
  });

  it('draws where predictions flip, without those that never do', async () => {
    const chart = view.page.locator('canvas[data-chart=stability]');
    expect(await chart.getAttribute('aria-label')).toContain('for Translate, Rotate.');
    const table = view.page.locator('details[data-key="table-sequences"] tbody tr');
    expect(await table.count()).toBe(3);
    expect((await table.nth(1).textContent())?.replaceAll('\u00a0', ' ')).toContain('125.0 %');
  });

  it('tells gains from losses since the baseline, and opens its report', async () => {
    const lines = await texts('.section-baseline tbody tr');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('not told apart');
    expect(lines[1]).toContain('better');
    const words = (await texts('.section-baseline')).join();
    expect(words).toContain('Not compared, l2: suites of attacks differ.');
    expect(words).toContain('17 (4, now 9)');
    expect(words).toContain('1 of 5');
    await view.page.click('.section-baseline .link');
    expect(await view.posted()).toContainEqual({ type: 'openFile', path: 'reports/v1.robustness.json' });
  });

  it('fits a narrow window', async () => {
    await view.page.setViewportSize({ width: 400, height: 900 });
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await view.page.evaluate(overflow)).toBe(0);
    expect(view.problems).toEqual([]);
  });
});
