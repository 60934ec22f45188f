import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recommend } from '../../../src/engine/recommend/registry';
import type { AnyReport } from '../../../src/engine/report/regression';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import { reportOutputs } from '../../fixtures/reportOutputs';
import {
  chromiumPath,
  launch,
  type OpenReport,
  openReport,
  type PageServer,
  servePage,
} from '../../fixtures/reportPage';
import { reportEarlier, reportRandom, reportRich, reportRunning, reportVector } from '../../fixtures/reportRich';
import { reportTargeted } from '../../fixtures/reportTargeted';
import { THEMES, type ThemeName } from '../../fixtures/themes';

// In a real browser, with the real bundle under the real policy. `$` reads the page.

const executable = chromiumPath();
if (executable === null) console.warn('SKIPPED: the report page needs a Chromium; set CHROMIUM_PATH.');

const message = (report: AnyReport, extras: { stale?: boolean; secondsLeft?: number | null } = {}) =>
  ({ type: 'report', report, stale: false, secondsLeft: null, recommendations: recommend(report), ...extras }) as const;

describe.skipIf(executable === null)('report page', () => {
  let browser: Browser;
  let server: PageServer;

  beforeAll(async () => {
    [browser, server] = await Promise.all([
      launch(executable ?? ''),
      servePage({ robustnessScore: { text: 'Area under the curve.', formula: 'S = A / ε' } }, 10),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const open = (options: Parameters<typeof openReport>[2] = {}) => openReport(browser, server, options);
  const text = (view: OpenReport, selector: string) => view.page.locator(selector).first().textContent();

  it('asks for the report, and says that it is loading until it comes', async () => {
    const view = await open();
    expect(await view.posted()).toEqual([{ type: 'ready' }]);
    expect(await text(view, '#report')).toContain('Loading the report');
    await view.page.close();
  });

  it('writes names as code, offers examples where an array holds them, and spans no bracket over a point', async () => {
    const view = await open();
    const report = reportRich();
    report.status.state = 'complete';
    report.pitfalls = [
      { ...report.pitfalls[0]!, message: 'Of `eot`, <b>not</b> bold.', advice: 'Run the suite `standard`.' },
    ];
    await view.send(message(report));
    expect(await view.page.locator('.pitfall h3 code').allTextContents()).toEqual(['eot']);
    expect(await text(view, '.pitfall h3')).toBe('Of eot, <b>not</b> bold.');
    expect(await text(view, '.pitfall .advice')).toContain('Run the suite standard.');
    expect(await view.page.locator('[data-action=export][data-value=examples]').count()).toBe(1);
    expect(await view.page.locator('.brace-line').count()).toBe(1);
    await view.page.locator('[data-action=export][data-value=examples]').dispatchEvent('click');
    await expect.poll(() => view.posted()).toContainEqual({ type: 'exportExamples' });

    report.data.kind = 'text';
    const none = { value: 0, low: 0, high: 0.01, n: report.data.count };
    for (const threat of report.threatModels) Object.assign(threat, { robustAccuracy: none, certifiedAccuracy: null });
    await view.send(message(report));
    expect(await view.page.locator('[data-action=export][data-value=examples]').count()).toBe(0);
    expect(await view.page.locator('.brace-line').count()).toBe(0);
    expect(await text(view, '.brace-label')).toContain('0.0');
    await view.page.close();
  });

  it('breaks no policy, throws nothing and fits 400 to 1600 px in every theme', async () => {
    const view = await open({ width: 400 });
    await view.send(message(reportRich()));
    const charted = `[...document.querySelectorAll('canvas')].every((c) => c.offsetWidth === c.parentElement.clientWidth)`;
    for (const theme of Object.keys(THEMES) as ThemeName[]) {
      await view.setTheme(theme);
      // Themes differ in borders alone: one is tried at every width.
      for (const width of theme === 'high-contrast' ? [760, 1600, 400] : [400]) {
        await view.page.setViewportSize({ width, height: 900 });
        const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await view.page.evaluate(overflow)).toBe(0);
        await expect.poll(() => view.page.evaluate(charted)).toBe(true);
      }
    }
    expect(view.problems).toEqual([]);
    // A chart that drew nothing would be as blank as a new canvas.
    const painted = `[...document.querySelectorAll('canvas')].map((c) => {
      const blank = Object.assign(document.createElement('canvas'), { width: c.width, height: c.height });
      return c.toDataURL() !== blank.toDataURL();
    })`;
    expect(await view.page.evaluate(painted)).toEqual([true, true, true, true]);
    await view.page.close();
  });

  it('shows the figures of the report, and never robust accuracy without its bound and threat model', async () => {
    const report = reportRich();
    const view = await open();
    await view.send(message(report));
    const value = (name: string) => view.page.locator(`data[data-figure=${name}]`).getAttribute('value');
    const [threat] = report.threatModels;
    expect(Number(await value('clean'))).toBe(report.clean?.accuracy.value);
    expect(Number(await value('robust'))).toBe(threat?.robustAccuracy?.value);
    expect(Number(await value('certified'))).toBe(threat?.certifiedAccuracy?.value);
    expect(await text(view, '.figure-robust')).toMatch(/at most\s*69\.3\s%/);
    expect(await text(view, '.threat')).toContain(threat?.description);
    expect(await view.page.locator('.section-attacks tbody tr').count()).toBe(1 + (threat?.attacks.length ?? 0));
    expect(await view.page.locator('.pitfall').count()).toBe(report.pitfalls.length);
    await view.page.close();
  });

  it('shows what a report says as text, never as markup', async () => {
    const hostile = `<img src=x onerror="window.hacked=1"><b>&amp;</b>`;
    const report = reportRich();
    const [first, ...others] = report.gallery;
    if (first?.image === undefined || first.image === null) throw new Error('the fixture has pictures');
    const threats = report.threatModels.map((threat) => ({ ...threat, description: hostile }));
    const evil: Report = {
      ...report,
      model: { ...report.model, path: `models/${hostile}.onnx`, operators: { [hostile]: 1 } },
      threatModels: threats,
      clean: report.clean && {
        ...report.clean,
        perClass: report.clean.perClass.map((row, i) => ({ ...row, label: `${hostile}${i}` })),
      },
      gallery: [
        {
          ...first,
          adversarial: { ...first.adversarial, label: hostile },
          image: { ...first.image, original: 'https://evil.test/x.png' },
        },
        ...others,
      ],
      pitfalls: report.pitfalls.map((pitfall) => ({ ...pitfall, message: hostile, evidence: [hostile] })),
    };
    reportSchema.parse(evil);
    const view = await open();
    await view.send(message(evil));
    expect(await text(view, '.threat')).toContain(hostile);
    expect(await text(view, '.pitfall h3')).toBe(hostile);
    expect(await view.page.evaluate('window.hacked')).toBeUndefined();
    expect(await view.page.locator('img[onerror], img[src^=https]').count()).toBe(0);
    expect(view.problems).toEqual([]);
    await view.page.close();
  });

  it('keeps focus, scroll position, open toggles and charts through live updates', async () => {
    const view = await open({ height: 500 });
    const early = reportRunning();
    await view.send(message(early, { secondsLeft: 154 }));
    await view.page.locator('details[data-key=operators] summary').click();
    await view.page.locator('button[data-action=sort][data-value=f1]').focus();
    await view.page.evaluate(`window.scrollTo(0, 700); window.before = document.activeElement`);
    await view.send(message({ ...early, status: { ...early.status, done: 900 } }, { secondsLeft: 90 }));
    expect(await view.page.evaluate('window.scrollY')).toBe(700);
    expect(await view.page.evaluate('document.activeElement === window.before')).toBe(true);
    expect(await view.page.locator('details[data-key=operators]').getAttribute('open')).not.toBeNull();
    expect(await view.page.locator('[role=progressbar]').getAttribute('aria-valuenow')).toBe('45');

    await view.send(message(reportRich()));
    await view.page.evaluate(`window.canvas = document.querySelector('canvas')`);
    await view.send(message(reportRich(), { stale: true }));
    expect(await view.page.evaluate(`document.querySelector('canvas') === window.canvas`)).toBe(true);
    expect(await view.page.locator('[role=progressbar]').count()).toBe(0);
    expect(await text(view, '.banner-stale')).toContain('has changed');
    expect(view.problems).toEqual([]);
    await view.page.close();
  });

  it('keeps an open menu open through an update, and works it by keyboard', async () => {
    const view = await open();
    await view.send(message(reportRich()));
    const menu = view.page.locator('[data-menu=rerun]');
    await menu.locator('vscode-button').focus();
    await view.page.keyboard.press('ArrowDown');
    await view.send(message(reportRich(), { stale: true }));
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('Enter');
    expect(await menu.locator('[role=menu]').isVisible()).toBe(false);
    await menu.locator('vscode-button').click();
    await view.page.keyboard.press('Escape');
    expect(await menu.locator('[role=menu]').isVisible()).toBe(false);
    expect(await view.posted()).toEqual([{ type: 'ready' }, { type: 'rerun', preset: 'standard' }]);
    await view.page.close();
  });

  it('changes the threat model by arrow keys, and remembers it when shown again', async () => {
    const view = await open();
    const report = reportRich();
    await view.send(message(report));
    await view.page.locator('[role=tab][aria-selected=true]').focus();
    await view.page.keyboard.press('ArrowRight');
    const robust = () => view.page.locator('data[data-figure=robust]').getAttribute('value');
    expect(Number(await robust())).toBe(report.threatModels[1]?.robustAccuracy?.value);
    expect(await view.page.evaluate('document.activeElement.getAttribute("aria-selected")')).toBe('true');
    const state = await view.page.evaluate('window.kept');
    await view.page.close();

    const again = await open({ state });
    await again.send(message(report));
    expect(await text(again, '[role=tab][aria-selected=true]')).toContain('L2');
    await again.page.close();
  });

  it('says what a weaker attack would have claimed, and how small perturbations can be', async () => {
    const report = reportRich();
    const view = await open();
    await view.send(message(report));
    const [ladder] = report.checks.ladder ?? [];
    const [fgsm, all] = [ladder?.rungs[0]?.accuracy.value ?? 0, ladder?.rungs.at(-1)?.accuracy.value ?? 0];
    const shown = (value: number) => `${(100 * value).toFixed(1)}\u00a0%`;
    expect(await text(view, '.lesson')).toBe(
      `A report that stops at FGSM would have said ${shown(fgsm)}. All attacks leave ${shown(all)}: ${(100 * (fgsm - all)).toFixed(1)} points less.`,
    );
    expect(await view.page.locator('.section-ladder .bar').count()).toBe(4);
    expect(await text(view, '.section-minimal .scores')).toContain('Median ε*');
    expect(await text(view, '.section-minimal .note')).toContain('FAB-T and FMN');
    expect(await text(view, '.section-spatial .scores')).toContain('≤ 21.4');
    expect(await text(view, '.section-universal')).toContain('12.8');
    // Under another threat model all of it is of that one.
    await view.page.locator('[role=tab]').nth(1).click();
    expect(await text(view, '.lesson')).not.toContain(shown(all));
    await view.page.close();
  });

  it('starts the run that mends a pitfall by keyboard, and names the pitfall alone', async () => {
    const report = reportRich();
    const view = await open();
    await view.send(message(report));
    const buttons = view.page.locator('.mitigation vscode-button');
    expect(await buttons.count()).toBe(2);
    const [first] = report.pitfalls;
    const button = view.page.getByRole('button', { name: `Run with 1000 iterations, against: ${first?.message}` });
    await button.focus();
    await view.page.keyboard.press('Enter');
    expect((await view.posted()).slice(1)).toEqual([{ type: 'mitigate', rule: first?.rule, message: first?.message }]);
    expect(await text(view, '.mitigation')).toContain('on l2-1.5');

    await view.send(message({ ...report, status: { ...report.status, state: 'running' } }));
    await buttons.first().click({ force: true });
    expect(await view.posted()).toHaveLength(2);
    await view.page.close();
  });

  it('opens a report of an earlier version as before, and offers the suites that differ', async () => {
    const view = await open();
    await view.send(message(reportEarlier()));
    for (const name of ['ladder', 'minimal', 'spatial', 'universal']) {
      expect(await view.page.locator(`.section-${name}`).count(), name).toBe(0);
    }
    expect(await view.page.locator('.mitigation, .caveats').count()).toBe(0);
    const suites = () =>
      view.page.locator('[data-action=rerun]').evaluateAll((all) => all.map((e) => e.getAttribute('data-value')));
    expect(await suites()).toEqual(['quick', 'standard', 'plus', 'thorough']);
    await view.send(message(reportRandom()));
    expect(await suites()).toEqual(['quick', 'standard', 'rand', 'thorough']);
    expect(await text(view, '.figure-robust h3')).toContain('Expected robust accuracy');
    expect(await text(view, '.caveats')).toMatch(/RandomNormalLike and Dropout.*ArgMax.*ZipMap/);
    expect(await text(view, '.section-tradeoff')).toContain('L0 ε = 10 pixels');
    // The interval of this median has no upper end.
    expect(await text(view, '.section-minimal .scores')).toContain('2 to ∞');
    expect(view.problems).toEqual([]);
    await view.page.close();
  });

  it('shows which classes a targeted attacker gets, the easiest first, and what counts', async () => {
    const view = await open({ width: 420 });
    await view.send(message(reportTargeted()));
    const classes = () => view.page.locator('.section-targets tbody th').allTextContents();
    expect((await classes()).slice(0, 3)).toEqual(['cat', 'truck', 'ship']);
    expect(await text(view, '.section-targets')).toMatch(/1\u202f530 of 7\u202f650 pairs/);
    expect(await text(view, '.section-attacks thead')).toContain('Target reached');
    expect(await text(view, '.figure-robust')).toContain('target class was reached');
    expect(await text(view, '.scores')).toContain('pairs of example and target');
    expect(await text(view, '[role=tab]')).toContain('targeted');
    await view.page.locator('[role=tab]').nth(1).click();
    expect(await classes()).toEqual(['cat']);
    expect(await text(view, '.section-targets')).toContain('85 examples are of that class already');
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await view.page.evaluate(overflow)).toBe(0);
    await view.send(message(reportRich()));
    expect(await view.page.locator('.section-targets').count()).toBe(0);
    expect(view.problems).toEqual([]);
    await view.page.close();
  });

  it('shows a report on a model that predicts numbers, with what cannot be of classes left out', async () => {
    const report = reportOutputs();
    const view = await open({ width: 420 });
    await view.send(message(report));
    const value = (name: string) => view.page.locator(`data[data-figure=${name}]`).getAttribute('value');
    const [first, second] = report.threatModels;
    expect(Number(await value('clean'))).toBe(report.clean?.mae.value);
    expect(Number(await value('robust'))).toBe(first?.worstCase?.mae.value);
    expect(Number(await value('tolerance'))).toBe(first?.withinTolerance?.value);
    expect(await text(view, '.figure-robust')).toContain('MAE at least');
    expect(await view.page.locator('.section-attacks tbody tr').count()).toBe(3);
    expect(await text(view, '.section-gates tbody')).toContain('70');
    // What publications report of a technique is of classifiers, and says so.
    const own = 'main > section:not(.section-recommendations)';
    const sections = await view.page.locator(own).allTextContents();
    expect(sections.length).toBeGreaterThan(5);
    expect(sections.join()).not.toMatch(/accuracy|classes/i);
    await view.page.locator('[role=tab]').nth(1).click();
    expect(Number(await value('robust'))).toBe(second?.worstCase?.mae.value);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await view.page.evaluate(overflow)).toBe(0);
    const error = { code: 'worker/died', message: 'The worker was killed.', hint: 'Resume the run.' };
    await view.send(message({ ...report, run: 'r', status: { ...report.status, state: 'failed', error } }));
    await view.page.locator('vscode-button[data-action=resume]').click();
    expect((await view.posted()).slice(1)).toEqual([{ type: 'resume' }]);
    expect(view.problems).toEqual([]);
    await view.page.close();
  });

  it('sorts classes by keyboard, upwards and then downwards', async () => {
    const view = await open();
    await view.send(message(reportRich()));
    const labels = async () =>
      (await view.page.locator('.section-classes tbody th .class-name').allTextContents()).map((t) => t[0]);
    await view.page.locator('button[data-value=label]').focus();
    await view.page.keyboard.press('Enter');
    expect(await labels()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    await view.page.keyboard.press('Enter');
    expect((await labels())[0]).toBe('9');
    expect(await view.page.locator('th[aria-sort=descending]').textContent()).toContain('Class');
    expect(await view.page.locator('tr.worst').textContent()).toContain('worst');
    await view.page.close();
  });

  it('redraws the charts in the colours of another theme', async () => {
    const view = await open({ theme: 'light' });
    await view.send(message(reportRich()));
    const pixels = `document.querySelector('canvas').toDataURL()`;
    const light = await view.page.evaluate(pixels);
    await view.setTheme('dark');
    await expect.poll(() => view.page.evaluate(pixels)).not.toBe(light);
    expect(view.problems).toEqual([]);
    await view.page.close();
  });

  it('offers Cancel while running, Resume when interrupted, and says what failed and what to do', async () => {
    const view = await open();
    const running = reportRunning();
    await view.send(message(running, { secondsLeft: 154 }));
    expect(await text(view, '.figure-robust')).toContain('So far: 320 of');
    await view.page.locator('vscode-button[data-action=cancel]').click();
    const error = { code: 'worker/died', message: 'The worker was killed.', hint: 'Resume the run.' };
    await view.send(message({ ...running, status: { ...running.status, state: 'interrupted' } }));
    await view.page.locator('vscode-button[data-action=resume]').click();
    await view.send(message({ ...running, status: { ...running.status, state: 'failed', error } }));
    const banner = await text(view, '.banner-failed');
    for (const part of Object.values(error)) expect(banner).toContain(part);
    expect(await view.posted()).toEqual([{ type: 'ready' }, { type: 'cancel' }, { type: 'resume' }]);
    await view.page.close();
  });

  it('shows an error of the host, also without a report, and offers the file as text', async () => {
    const view = await open();
    const error = { code: 'report/not-valid', message: 'This is not a report.', hint: 'Open it as text.' } as const;
    await view.send({ type: 'error', error });
    expect(await text(view, '.banner-failed')).toContain('This is not a report.');
    await view.page.locator('vscode-button[data-action=openAsText]').click();
    expect(await view.posted()).toEqual([{ type: 'ready' }, { type: 'openAsText' }]);
    await view.send(message(reportVector()));
    expect(await view.page.locator('.banner-failed').count()).toBe(0);
    expect(await text(view, '.features')).toContain('petal width');
    await view.page.close();
  });

  it('explains a term on focus, hides it on Escape, and offers nothing for terms without a definition', async () => {
    const view = await open({ width: 400 });
    await view.send(message(reportRich()));
    const tips = view.page.locator('.tip');
    expect(await tips.count()).toBe(1);
    await view.page.locator('.info-button').focus();
    expect(await tips.textContent()).toMatch(/Area under the curve\.\s*S = A \/ ε/);
    const box = await tips.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(400);
    await view.page.keyboard.press('Escape');
    expect(await tips.isVisible()).toBe(false);
    await view.page.close();
  });
});
