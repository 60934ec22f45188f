import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEntry, contextMenuEntry, webview } from '../../scripts/rig/driver';
import { evaluate, finishedReports } from './reports';
import { evidenceOnFailure, openSample, type Session } from './session';

let session: Session;
evidenceOnFailure(() => session);
beforeAll(async () => {
  session = await openSample({}, async ({ folder }) => {
    const path = join(folder, 'robustness.yaml');
    const spec = await readFile(path, 'utf8');
    // Fewer examples, no corruptions and no gate: it is the comparison that is looked at.
    await writeFile(path, spec.replace('limit: 200', 'limit: 60').replace(/^(corruptions|gates):.*\n/gm, ''));
    await evaluate(folder);
  });
});
afterAll(() => session?.close());

describe('Compare Robustness, from the Robustness view', () => {
  it('shows the trade-off, the paired tests and the choice of the two models selected', async () => {
    const { page, folder } = session;
    await contextMenuEntry(page, 'models/plain.onnx', 'Inspect Robustness');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Robustness', exact: true }).click();
    const models = page.getByRole('tree', { name: /Models/ });
    const plain = models.getByRole('treeitem', { name: /plain\.onnx/ });
    const robust = models.getByRole('treeitem', { name: /robust\.onnx/ });
    await plain.click();
    // A click opens the report, which takes the focus when it is there, and closes any menu.
    await webview(page).locator('#report main.page').waitFor({ timeout: 60_000 });
    await robust.click({ modifiers: ['ControlOrMeta'] });
    await robust.click({ button: 'right' });
    await chooseEntry(page.getByRole('menuitem', { name: 'Compare Robustness' }));

    const shown = webview(page);
    await shown.locator('#compare main.page').waitFor({ timeout: 60_000 });
    const reports = await finishedReports(folder);
    expect(reports).toHaveLength(2);
    const summary = await shown.locator('canvas[data-scatter]').getAttribute('aria-label');
    for (const { model, clean, threatModels } of reports) {
      const figure = (value: number | undefined) => `${(100 * (value ?? Number.NaN)).toFixed(1)}\u00a0%`;
      const name = model.path.split('/').at(-1);
      const robustAccuracy = threatModels[0]?.robustAccuracy?.value;
      expect(summary).toContain(
        `${name}: clean ${figure(clean?.accuracy.value)}, robust at most ${figure(robustAccuracy)}`,
      );
    }
    // Clean, and under both threat models; that the robust model stands where the plain one falls is no chance.
    const rows = shown.locator('.section-pairs table').first().locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(3);
    expect(await rows.filter({ hasText: 'ℓ∞' }).textContent()).toMatch(/< 0\.001/);

    await shown.locator('input[value="general"]').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await shown.locator('input:checked').getAttribute('value')).toBe('security-critical');
    expect(await shown.locator('.verdict-name b').textContent()).toBe('robust.onnx');
  });

  it('opens a report from the comparison, and keeps to the content security policy', async () => {
    const { page, log } = session;
    await webview(page).locator('[data-action="openReport"]').first().click();
    await page
      .getByRole('tab', { name: /plain\.robustness\.json/ })
      .first()
      .waitFor({ timeout: 30_000 });
    const refused = log.filter((line) => /content security policy/i.test(line) && /compare\.(js|css)/.test(line));
    expect(refused).toEqual([]);
  });
});
