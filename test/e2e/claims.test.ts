import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile, runCommand } from '../../scripts/rig/driver';
import { evaluate, finishedReports } from './reports';
import { evidenceOnFailure, openSample, type Session } from './session';

interface ExpectedClaims {
  readonly claims: readonly { readonly text: string; readonly honest: boolean }[];
}

let session: Session;
evidenceOnFailure(() => session);
beforeAll(async () => {
  // Tall enough for every row: the list holds in the page only what can be seen of it.
  session = await openSample({ size: { width: 1600, height: 2600 } }, ({ folder }) => evaluate(folder));
});
afterAll(() => session?.close());

describe('claims in the sample README, with both models evaluated', () => {
  it('puts the dishonest ones, and no honest one, into Problems', async () => {
    const { page, folder } = session;
    expect(await finishedReports(folder)).toHaveLength(2);
    const text = await readFile(join(folder, 'README.md'), 'utf8');
    const expected = JSON.parse(await readFile(join(folder, 'expected-claims.json'), 'utf8')) as ExpectedClaims;
    const lineOf = (claim: string) => text.slice(0, text.indexOf(claim)).split('\n').length;
    const dishonest = expected.claims.filter(({ honest }) => !honest).map((claim) => lineOf(claim.text));
    expect(dishonest.length).toBeGreaterThan(0);

    await openFile(page, 'README.md');
    await runCommand(page, 'Problems: Focus on Problems View');
    await runCommand(page, 'View: Toggle Maximized Panel');
    const panel = page.locator('.markers-panel');
    const found = async () => {
      const rows = await panel.getByRole('treeitem').allTextContents();
      // A problem's row names its rule; the rows under it are related information.
      const lines = rows.map((row) => /claims\/[\w-]+.*Ln (\d+)/s.exec(row)?.[1]).filter((line) => line !== undefined);
      return [...new Set(lines.map(Number))].sort((a, b) => a - b);
    };
    await expect.poll(found, { timeout: 60_000 }).toEqual([...new Set(dishonest)].sort((a, b) => a - b));
  });

  it('lists all claims in the Claims view, what needs attention first, and goes to the one that is clicked', async () => {
    const { page, folder } = session;
    await runCommand(page, 'View: Toggle Maximized Panel');
    await runCommand(page, 'Robustness: Focus on Claims View');
    const tree = page.getByRole('tree', { name: 'Claims' });
    // The rows come after the tree: what is not waited for is read from an empty list.
    const first = async () => (await tree.getByRole('treeitem', { level: 1 }).allTextContents())[0];
    await expect.poll(first, { timeout: 30_000 }).toMatch(/^Contradicted/);
    const claim = tree.getByRole('treeitem', { name: /^Contradicted: .*README\.md/ }).first();
    const label = (await claim.getAttribute('aria-label')) ?? '';
    await claim.click();
    const line = Number(/line (\d+)/.exec(label)?.[1]);
    await page.getByRole('button', { name: new RegExp(`^Ln ${line},`) }).waitFor({ timeout: 15_000 });
    const text = await readFile(join(folder, 'README.md'), 'utf8');
    const words = text.split('\n')[line - 1]!.replace(/[`*]/g, '');
    expect(label).toContain(words.slice(0, 30));
    await runCommand(page, 'Problems: Focus on Problems View');
    await runCommand(page, 'View: Toggle Maximized Panel');
  });

  it('says in a hover what a claim lacks', async () => {
    const { page } = session;
    await runCommand(page, 'View: Toggle Maximized Panel');
    const row = page
      .locator('.markers-panel')
      .getByRole('treeitem')
      .filter({ hasText: 'clean-accuracy-as-robustness' });
    await row.first().dblclick();
    await runCommand(page, 'Show or Focus Hover');
    const hover = page.locator('.monaco-hover:visible').filter({ hasText: 'clean-accuracy-as-robustness' });
    await hover.first().waitFor({ timeout: 15_000 });
  });
});
