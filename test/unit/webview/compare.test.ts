import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareModels } from '../../../src/engine/compare/compare';
import { share } from '../../../src/engine/metric/interval';
import type { Report } from '../../../src/engine/report/schema';
import type { ToComparePage } from '../../../src/vscode/compare/protocol';
import { overlap } from '../../../webview/compare/scatter';
import { serveComparePage } from '../../fixtures/comparePage';
import { reportBase } from '../../fixtures/reportBase';
import { chromiumPath, launch, type OpenReport, openReport, type PageServer } from '../../fixtures/reportPage';
import { THEMES, type ThemeName } from '../../fixtures/themes';

// In a real browser, with the real bundle under the real policy.

const executable = chromiumPath();
if (executable === null) console.warn('SKIPPED: the comparison needs a Chromium; set CHROMIUM_PATH.');

function measured(path: string, correct: number, standing: number, change: (report: Report) => void = () => {}) {
  return reportBase((report) => {
    report.model.path = path;
    const { label } = report.outcomes;
    report.clean!.accuracy = share(correct, label.length);
    report.outcomes.prediction = label.map((y, i) => (i < correct ? y : (y + 1) % 10));
    report.outcomes.brokenBy['linf-8'] = label.map((_, i) => (i < standing ? null : i < correct ? 'pgd' : 'clean'));
    report.threatModels[0]!.robustAccuracy = share(standing, label.length);
    change(report);
  });
}

function addL2(report: Report): void {
  const [first] = report.threatModels;
  report.threatModels.push({ ...first!, name: 'l2-1', norm: 'l2', epsilon: 1, epsilonText: '1' });
  report.outcomes.brokenBy['l2-1'] = report.outcomes.brokenBy['linf-8']!;
}

const accurate = measured('models/accurate.onnx', 950, 300, addL2);
const robust = measured('models/robust.onnx', 850, 480, addL2);
const message = (reports: readonly Report[], stale: readonly boolean[] = []): ToComparePage => ({
  type: 'comparison',
  comparison: compareModels(reports.map((report, i) => ({ report, path: `/reports/${i}.robustness.json` }))),
  stale,
});

describe.skipIf(executable === null)('comparison page', () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(executable ?? ''), serveComparePage()]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const open = async (what: ToComparePage, options: Parameters<typeof openReport>[2] = {}) => {
    const view = await openReport(browser, server, options);
    await send(view, what);
    return view;
  };
  const send = (view: OpenReport, what: ToComparePage) =>
    view.page.evaluate(`window.dispatchEvent(new MessageEvent('message', { data: ${JSON.stringify(what)} }))`);
  const text = (view: OpenReport, selector: string) => view.page.locator(selector).first().textContent();

  it('breaks no policy, throws nothing and fits 400 to 1600 px in every theme', async () => {
    const apart = measured('models/apart.onnx', 700, 100, (report) => (report.data.sha256 = 'f'.repeat(64)));
    const view = await open(message([accurate, robust, apart], [false, true, false]), { width: 400 });
    for (const theme of Object.keys(THEMES) as ThemeName[]) {
      await view.setTheme(theme);
      for (const width of theme === 'high-contrast' ? [760, 1600, 400] : [400]) {
        await view.page.setViewportSize({ width, height: 900 });
        const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await view.page.evaluate(overflow)).toBeLessThanOrEqual(0);
      }
    }
    expect(view.problems).toEqual([]);
    const all = (await text(view, 'main'))!;
    expect(all).toContain('robust.onnx changed since it was evaluated');
    expect(all).toContain('not compared: other data');
    await view.page.close();
  });

  it('draws the points, and says them to those who do not see them', async () => {
    const view = await open(message([accurate, robust]));
    const canvas = view.page.locator('canvas[data-scatter]');
    expect(await canvas.getAttribute('aria-label')).toMatch(
      /ℓ∞ ≤ 8\/255.*accurate\.onnx: clean 95\.0.%, robust at most 30\.0.%.*Pareto front: accurate\.onnx and robust\.onnx/,
    );
    const painted = `(() => { const c = document.querySelector('canvas[data-scatter]');
      const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
      const colours = new Set(); for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200) colours.add(d[i] + ',' + d[i + 1] + ',' + d[i + 2]);
      return colours.size; })()`;
    expect(await view.page.evaluate(painted)).toBeGreaterThan(10);
    await view.page.close();
  });

  it('the context is chosen by arrow keys, and kept', async () => {
    const view = await open(message([accurate, robust]));
    await view.page.locator('input[value=general]').focus();
    await view.page.keyboard.press('ArrowRight');
    expect(await text(view, '.verdict-name b')).toBe('accurate.onnx');
    for (let i = 0; i < 2; i++) await view.page.keyboard.press('ArrowRight');
    expect(await view.page.locator('input:checked').getAttribute('value')).toBe('security-critical');
    expect(await text(view, '.verdict-name b')).toBe('robust.onnx');
    const kept = await view.page.evaluate('window.kept');
    expect(kept).toMatchObject({ context: 'security-critical' });
    await view.page.close();
    const again = await open(message([accurate, robust]), { state: kept });
    expect(await text(again, '.verdict-name b')).toBe('robust.onnx');
    await again.page.close();
  });

  it('the threat model is chosen by arrow keys', async () => {
    const view = await open(message([accurate, robust]));
    await view.page.getByRole('tab').first().focus();
    await view.page.keyboard.press('ArrowRight');
    expect(await text(view, '[role=tab][aria-selected=true]')).toBe('ℓ2 ≤ 1');
    expect(await view.page.locator('canvas[data-scatter]').getAttribute('aria-label')).toContain('ℓ2 ≤ 1');
    await view.page.close();
  });

  it('differences turn with what they are taken from', async () => {
    const view = await open(message([accurate, robust]));
    const row = () => view.page.locator('.section-pairs tbody tr').nth(1).locator('th, td').allTextContents();
    expect(await row()).toEqual([
      'robust.onnx',
      'ℓ∞ ≤ 8/255',
      '+18.0',
      expect.stringMatching(/^\+.* to \+/),
      '180',
      '0',
      '< 0.001',
      'better',
    ]);
    await view.page.locator('select').selectOption('1');
    expect(await row()).toEqual([
      'accurate.onnx',
      'ℓ∞ ≤ 8/255',
      '−18.0',
      expect.stringMatching(/^−.* to −/),
      '0',
      '180',
      '< 0.001',
      'worse',
    ]);
    const churn = await view.page.locator('.section-pairs table').nth(1).locator('tbody td').allTextContents();
    expect(churn.slice(-3)).toEqual(['100', '0', '0']);
    await view.page.close();
  });

  it('tells the host what is to be opened and exported', async () => {
    const view = await open(message([accurate, robust]));
    await view.page.getByRole('button', { name: '1.robustness.json' }).click();
    await view.page.locator('input[value=consumer]').click();
    await view.page.locator('[data-action=export]').click();
    expect(await view.posted()).toEqual([
      { type: 'ready' },
      { type: 'openReport', model: 1 },
      { type: 'export', context: 'consumer' },
    ]);
    await view.page.close();
  });

  it('shows an error of the host in place of nothing, and figures again when they come', async () => {
    const error = { code: 'report/invalid', message: 'The report is <b>broken</b>.', hint: 'Evaluate again.' } as const;
    const view = await open({ type: 'error', error });
    expect(await text(view, '[role=alert]')).toContain('The report is <b>broken</b>.');
    await send(view, message([accurate, robust]));
    expect(await view.page.locator('[role=alert]').count()).toBe(0);
    await view.page.close();
  });

  it('parses nothing of a report as markup, and manages with little', async () => {
    const hostile = measured('<img src=x onerror="window.bad=1">.onnx', 900, 400);
    const bare = measured('bare.onnx', 900, 400, (report) => {
      report.threatModels = [];
      report.clean = null;
    });
    const view = await open(message([hostile, bare]));
    expect(await view.page.locator('main img').count()).toBe(0);
    expect(await text(view, '.section-choice')).toContain('needs two complete evaluations');
    expect(await text(view, 'main')).not.toMatch(/NaN|undefined|Infinity/);
    expect(view.problems).toEqual([]);
    await view.page.close();
  });
});

it('labels that touch do not overlap', () => {
  const box = { x: 0, y: 0, w: 10, h: 10 };
  expect(overlap(box, { x: 10, y: 0, w: 5, h: 5 })).toBe(false);
  expect(overlap(box, { x: 9, y: 9, w: 5, h: 5 })).toBe(true);
});
