// npm run screenshots: docs/images, from the packaged extension in a real VS Code, on the sample.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { currentVsix } from './packaging/current';
import { thisMachine } from './packaging/targets';
import { contextMenuEntry, openFile, runCommand, webview } from './rig/driver';
import { launch } from './rig/launch';
import { nodeBinary, repositoryRoot } from './rig/paths';
import { run, say } from './rig/run';
import { copySample } from './rig/sample';

const images = join(repositoryRoot, 'docs/images');
const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'high-contrast': 'Default High Contrast',
};

await mkdir(images, { recursive: true });
const vsix = await currentVsix();
// With --reports-from, reports that are there already are taken: evaluating is most of the time.
const { values } = parseArgs({ options: { 'reports-from': { type: 'string' } } });
const workspace = await copySample();
if (values['reports-from']) {
  await cp(values['reports-from'], join(workspace.folder, '.robustness'), { recursive: true });
} else await evaluate(workspace.folder);

for (const [name, theme] of Object.entries(themes)) {
  say(`Theme ${theme} …`);
  const settings = { 'workbench.colorTheme': theme, 'window.autoDetectColorScheme': false };
  const size = { width: 1440, height: 960 };
  const { page, close } = await launch({ folder: workspace.folder, vsix, settings, size });
  try {
    await openReport(page);
    await shoot(page, `report-${name}`);
    await scrollTo(page, 'Robustness curve');
    await shoot(page, `report-curve-${name}`);
    if (name === 'light') await others(page);
  } catch (error) {
    await shoot(page, '../../out/screenshot-failed');
    throw error;
  } finally {
    await close();
  }
}
await workspace.remove();
await shootOutputs();

async function evaluate(folder: string): Promise<void> {
  say(`Evaluating ${folder} …`);
  const cli = join(repositoryRoot, 'out/stage', thisMachine(), 'dist/cli.cjs');
  await run(nodeBinary(), [cli, 'evaluate', 'robustness.yaml'], { cwd: folder }).catch((error: Error) => {
    // 1: a gate of the sample failed; the reports are there.
    if (!error.message.includes('ended with 1:')) throw error;
  });
}

/** A model that predicts numbers has a report of another kind. */
async function shootOutputs(): Promise<void> {
  const { folder, remove } = await copySample('flats');
  await evaluate(folder);
  const settings = { 'workbench.colorTheme': themes.light, 'window.autoDetectColorScheme': false };
  const { page, close } = await launch({ folder, vsix, settings, size: { width: 1440, height: 960 } });
  try {
    await openReport(page, 'price');
    await shoot(page, 'report-outputs');
    await scrollTo(page, 'How far predictions');
    await shoot(page, 'report-outputs-reach');
  } finally {
    await close();
    await remove();
  }
}

async function openReport(page: Page, model = 'plain'): Promise<void> {
  // The entry shows that the extension is up; the report editor comes with it.
  const entry = await contextMenuEntry(page, `models/${model}.onnx`, 'Inspect Robustness');
  await page.keyboard.press('Escape');
  await entry.waitFor({ state: 'detached' });
  await openFile(page, `.robustness/${model}.robustness.json`);
  await webview(page).locator('main.page').waitFor({ timeout: 60_000 });
  await clear(page);
}

async function others(page: Page): Promise<void> {
  await scrollTo(page, 'Pitfalls');
  await shoot(page, 'report-pitfalls');
  await scrollTo(page, 'Gallery');
  await shoot(page, 'report-gallery');
  await runCommand(page, 'View: Close All Editors');

  const entry = await contextMenuEntry(page, 'models/plain.onnx', 'Inspect Robustness');
  await entry.hover();
  await shoot(page, 'explorer-menu');
  await page.keyboard.press('Escape');

  await openFile(page, 'README.md');
  await runCommand(page, 'Problems: Focus on Problems View');
  await page.locator('.markers-panel').getByRole('treeitem').nth(2).waitFor({ timeout: 30_000 });
  await page.locator('.monaco-editor .view-lines').first().click();
  await runCommand(page, 'Go to Next Problem in Files');
  await shoot(page, 'claims');
  await page.keyboard.press('Escape');
  await runCommand(page, 'View: Hide Panel');

  await openFile(page, '.robustness/robust.robustness.json');
  await webview(page).locator('main.page').waitFor();
  await page.getByRole('tab', { name: 'Robustness', exact: true }).click();
  await page.getByRole('treeitem', { name: /plain\.onnx/ }).waitFor();
  await shoot(page, 'sidebar');
}

async function scrollTo(page: Page, heading: string): Promise<void> {
  const place = webview(page).getByRole('heading', { name: heading }).first();
  await place.evaluate((element: { scrollIntoView(where: object): void }) =>
    element.scrollIntoView({ block: 'start' }),
  );
}

async function clear(page: Page): Promise<void> {
  await runCommand(page, 'Notifications: Clear All Notifications');
}

/** Waits for animations and late paint: charts draw a frame after their data. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(1_200);
  await page.screenshot({ path: join(images, `${name}.png`) });
  say(`  docs/images/${name}.png`);
}
