import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEntry, contextMenuEntry, webview } from '../../scripts/rig/driver';
import type { Report } from '../../src/engine/report/schema';
import { finishedReports } from './reports';
import { evidenceOnFailure, openSample, type Session } from './session';

let session: Session;
evidenceOnFailure(() => session);
beforeAll(async () => {
  session = await openSample();
});
afterAll(() => session?.close());

describe('Inspect Robustness, from the Explorer', () => {
  it('opens a report at once, which fills in with the figures of the file on disk', async () => {
    const { page, folder } = session;
    const entry = await contextMenuEntry(page, 'models/plain.onnx', 'Inspect Robustness');
    await chooseEntry(entry);
    const report = webview(page);
    await report.locator('main.page').waitFor({ timeout: 60_000 });

    const deadline = Date.now() + 540_000;
    let reports = await finishedReports(folder);
    while (reports.length === 0 && Date.now() < deadline) {
      await page.waitForTimeout(500);
      reports = await finishedReports(folder);
    }
    expect(reports.map(({ model }) => model.path)).toEqual([expect.stringMatching(/plain\.onnx$/)]);
    const [made] = reports;
    if (!made?.clean) throw new Error('no clean figures');
    await report.locator('[data-key="progress"]').waitFor({ state: 'detached', timeout: 30_000 });

    // The sample is not taken on trust: a plainly trained network must fall, or nothing was attacked.
    expect(made.clean.accuracy.value).toBeGreaterThan(0.9);
    expect(made.threatModels.length).toBeGreaterThan(0);
    for (const threat of made.threatModels) {
      const tab = report.locator(`#tab-${threat.name.replaceAll('.', '\\.')}`);
      if (made.threatModels.length > 1) await tab.click();
      const shown = async (figure: string) =>
        Number(await report.locator(`data[data-figure="${figure}"]`).first().getAttribute('value'));
      expect(await shown('clean')).toBe(made.clean.accuracy.value);
      await expect.poll(() => shown('robust')).toBe(threat.robustAccuracy?.value);
      expect(threat.robustAccuracy?.value).toBeLessThan(made.clean.accuracy.value);
    }
    for (const pitfall of made.pitfalls) {
      await expect.poll(() => report.getByText(pitfall.message, { exact: false }).count()).toBeGreaterThan(0);
    }

    // The README's picture is what this test has just held against the file: ROBUSTNESS_IMAGES=docs/images keeps it there.
    await report.getByRole('tab').first().click();
    const images = process.env.ROBUSTNESS_IMAGES ?? join('out', 'test');
    await mkdir(images, { recursive: true });
    await page.screenshot({ path: join(images, 'report.png') });
  });

  it('keeps to the content security policy', () => {
    const refused = session.log.filter(
      (line) => /content security policy/i.test(line) && /report\.(js|css)/.test(line),
    );
    expect(refused).toEqual([]);
  });

  it('lists the model with its figures in the Robustness view', async () => {
    const { page, folder } = session;
    await page.getByRole('tab', { name: 'Robustness', exact: true }).click();
    const models = page.getByRole('tree', { name: /Models/ });
    const [made] = await finishedReports(folder);
    const clean = made?.clean?.accuracy.value ?? Number.NaN;
    const row = models.getByRole('treeitem', { name: /plain\.onnx/ });
    await row.waitFor();
    expect(await row.textContent()).toContain((100 * clean).toFixed(1));
    await models.getByRole('treeitem', { name: /robust\.onnx/ }).waitFor();
  });

  it('starts the stronger run that a pitfall asks for, by keyboard, and remembers what it was', async () => {
    const { page, folder } = session;
    const report = webview(page);
    const [before] = await finishedReports(folder);
    const asked = before?.pitfalls.find(({ mitigation }) => mitigation !== undefined);
    if (asked?.mitigation === undefined) throw new Error('a quick run of the sample has a pitfall with a mitigation');
    const name = `${asked.mitigation.label}, against: ${asked.message}`;
    await report.getByRole('button', { name, exact: true }).press('Enter');

    const stored = async () =>
      JSON.parse(await readFile(join(folder, '.robustness', 'plain.robustness.json'), 'utf8')) as Report;
    await expect.poll(async () => (await stored()).status.state, { timeout: 60_000 }).toBe('running');
    const { spec, seed, data } = await stored();
    expect(spec.changes).toEqual([asked.mitigation.changes]);
    expect([seed, data.count]).toEqual([before?.seed, before?.data.count]);
    await report.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(async () => (await stored()).status.state, { timeout: 60_000 }).toBe('interrupted');
  });
});
