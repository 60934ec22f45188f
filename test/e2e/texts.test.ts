import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextMenuEntry, openFile, webview } from '../../scripts/rig/driver';
import { evaluate, finishedReports } from './reports';
import { evidenceOnFailure, openSample, type Session } from './session';

let session: Session;
evidenceOnFailure(() => session);
beforeAll(async () => {
  session = await openSample(
    {},
    async ({ folder }) => {
      const path = join(folder, 'robustness.yaml');
      const spec = await readFile(path, 'utf8');
      await writeFile(
        path,
        spec.replace(/limit: \d+/, 'limit: 20').replace(/^models: .*$/m, 'model: models/plain.onnx'),
      );
      await evaluate(folder);
    },
    'reviews',
  );
});
afterAll(() => session?.close());

describe('a report on a model of texts', () => {
  it('shows each adversarial text with what was edited marked in its place', async () => {
    const { page, folder } = session;
    const [made] = await finishedReports(folder);
    if (!made) throw new Error('no report');
    const expected = made.gallery.flatMap(({ text }) => (text === undefined ? [] : [text.pieces]));
    expect(expected.length).toBeGreaterThan(0);

    // The entry shows that the extension is up; the report editor comes with it.
    const entry = await contextMenuEntry(page, 'models/plain.onnx', 'Inspect Robustness');
    await page.keyboard.press('Escape');
    await entry.waitFor({ state: 'detached' });
    await openFile(page, '.robustness/plain.robustness.json');
    const report = webview(page);
    await report.locator('main.page').waitFor({ timeout: 60_000 });
    const texts = report.locator('p.text');
    await expect.poll(() => texts.count()).toBe(expected.length);
    for (const [i, pieces] of expected.entries()) {
      const item = texts.nth(i);
      const changed = pieces.filter(({ before, after }) => before !== after);
      const marked = (part: string) => (part === '' ? [] : [part.replaceAll(' ', '␣').replaceAll('\n', '⏎')]);
      expect(await item.locator('del').allTextContents()).toEqual(changed.flatMap(({ before }) => marked(before)));
      expect(await item.locator('ins').allTextContents()).toEqual(changed.flatMap(({ after }) => marked(after)));
    }
    // Marked for the eye too: by lines, not by colour alone.
    const style = (tag: string, property: string) =>
      texts
        .locator(tag)
        .first()
        .evaluate((element: Element, name: string) => getComputedStyle(element).getPropertyValue(name), property);
    expect(await style('del', 'text-decoration-line')).toBe('line-through');
    expect(await style('ins', 'border-bottom-style')).toBe('solid');
  });
});
