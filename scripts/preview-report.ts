// Draws the report page in every default theme and several widths, as a real browser shows it under the real policy:
//   npx tsx scripts/preview-report.ts --out FOLDER [--only NAME] [--report FILE]
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { definitions } from '../src/engine/metric/definitions';
import { outputDefinitions } from '../src/engine/metric/outputDefinitions';
import { recommend } from '../src/engine/recommend/registry';
import type { AnyReport } from '../src/engine/report/regression';
import type { Report } from '../src/engine/report/schema';
import { parseAnyReport } from '../src/engine/report/store';
import { reportOutputs } from '../test/fixtures/reportOutputs';
import { chromiumPath, launch, openReport, servePage } from '../test/fixtures/reportPage';
import { reportEarlier, reportRandom, reportRich, reportRunning, reportVector } from '../test/fixtures/reportRich';
import type { ThemeName } from '../test/fixtures/themes';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    only: { type: 'string', default: '' },
    /** A real report in place of the made-up ones. */
    report: { type: 'string' },
  },
});
if (values.out === undefined) throw new Error('Say where the pictures go: --out FOLDER');
const executable = chromiumPath();
if (executable === null) throw new Error('No Chromium found: set CHROMIUM_PATH.');
mkdirSync(values.out, { recursive: true });

interface Picture {
  readonly name: string;
  readonly report: AnyReport;
  readonly theme: ThemeName;
  readonly width: number;
  readonly stale?: boolean;
  readonly secondsLeft?: number;
  /** Clicked, in order, before the picture is taken. */
  readonly clicks?: readonly string[];
  readonly hover?: string;
}

const rich = reportRich();
const failed: Report = {
  ...reportRunning(),
  status: {
    state: 'failed',
    stage: 'linf-0.1: APGD-CE',
    done: 412,
    total: 2000,
    error: {
      code: 'worker/died',
      message: 'The worker process was killed (SIGKILL) while it evaluated linf-0.1.',
      hint: 'Resume the run; if it dies again, lower robustness.evaluation.threads or evaluate fewer examples.',
    },
  },
};
const interrupted: Report = { ...failed, status: { ...failed.status, state: 'interrupted', error: null } };

function given(path: string): Picture[] {
  const report = parseAnyReport(readFileSync(path, 'utf8'), path);
  return (['light', 'dark', 'high-contrast'] as const).map((theme) => ({
    name: `given-${theme}`,
    report,
    theme,
    width: 1100,
  }));
}

const madeUp: readonly Picture[] = [
  { name: 'light', report: rich, theme: 'light', width: 1100 },
  { name: 'dark', report: rich, theme: 'dark', width: 1100 },
  { name: 'high-contrast', report: rich, theme: 'high-contrast', width: 1100 },
  { name: 'high-contrast-light', report: rich, theme: 'high-contrast-light', width: 1100 },
  { name: 'narrow', report: rich, theme: 'dark', width: 400 },
  { name: 'wide', report: rich, theme: 'light', width: 1600 },
  { name: 'running', report: reportRunning(), theme: 'dark', width: 900, secondsLeft: 154 },
  { name: 'failed', report: failed, theme: 'light', width: 700 },
  { name: 'interrupted-stale', report: interrupted, theme: 'dark', width: 700, stale: true },
  { name: 'vector', report: reportVector(), theme: 'light', width: 900 },
  { name: 'earlier', report: reportEarlier(), theme: 'dark', width: 1100 },
  { name: 'random', report: reportRandom(), theme: 'dark', width: 1100 },
  { name: 'outputs-light', report: reportOutputs(), theme: 'light', width: 1100 },
  { name: 'outputs-contrast', report: reportOutputs(), theme: 'high-contrast', width: 760 },
  {
    name: 'open',
    report: rich,
    theme: 'dark',
    width: 1000,
    clicks: ['[role=tab]:nth-child(2)', 'details[data-key=table-curve] summary', '[data-menu=rerun] vscode-button'],
    hover: '.section-headline .info-button',
  },
];

const server = await servePage({ ...definitions, ...outputDefinitions }, 10);
const browser = await launch(executable);
let faults = 0;
try {
  const pictures = values.report === undefined ? madeUp : given(values.report);
  for (const picture of pictures.filter(({ name }) => name.includes(values.only))) {
    const open = await openReport(browser, server, { theme: picture.theme, width: picture.width });
    await open.send({
      type: 'report',
      report: picture.report,
      stale: picture.stale ?? false,
      secondsLeft: picture.secondsLeft ?? null,
      recommendations: recommend(picture.report),
    });
    for (const click of picture.clicks ?? []) await open.page.click(click);
    if (picture.hover !== undefined) await open.page.hover(picture.hover);
    await open.page.waitForTimeout(150);
    const overflow = await open.page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    const problems = [...open.problems, ...(Number(overflow) > 0 ? [`${overflow} px wider than the window`] : [])];
    faults += problems.length;
    await open.page.screenshot({ path: join(values.out, `${picture.name}.png`), fullPage: true });
    console.log(`${picture.name}: ${problems.length === 0 ? 'no problems' : problems.join('\n  ')}`);
    await open.page.close();
  }
} finally {
  await browser.close();
  server.close();
}
if (faults > 0) process.exitCode = 1;
