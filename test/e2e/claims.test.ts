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
  session = await openSample({}, ({ folder }) => evaluate(folder));
});
afterAll(() => session?.close());

describe('claims in the sample README, with both models evaluated', () => {
  it('puts the dishonest ones, and no honest one, into Problems', async () => {
    const { page, folder } = session;
    expect(await finishedReports(folder)).toHaveLength(2);
    const text = await readFile(join(folder, 'README.md'), 'utf8');
    const expected = JSON.parse(await readFile(join(folder, 'expected-claims.json'), 'utf8')) as ExpectedClaims;
    const lineOf = (claim: string) => text.slice(0, text.indexOf(claim)).split('\n').length;
    const lines = (honest: boolean) =>
      expected.claims.filter((claim) => claim.honest === honest).map((claim) => lineOf(claim.text));

    await openFile(page, 'README.md');
    await runCommand(page, 'Problems: Focus on Problems View');
    const panel = page.locator('.markers-panel');
    const found = async () => {
      const rows = await panel.getByRole('treeitem').allInnerTexts();
      const at = rows.map((row) => /Ln (\d+)/.exec(row)?.[1]).filter((line) => line !== undefined);
      return [...new Set(at.map(Number))].sort((a, b) => a - b);
    };
    // Longer than the debounce: at first the panel is empty.
    await expect.poll(found, { timeout: 60_000 }).toEqual([...new Set(lines(false))].sort((a, b) => a - b));
    expect((await found()).filter((line) => lines(true).includes(line))).toEqual([]);
  });

  it('says in a hover what a claim lacks', async () => {
    const { page } = session;
    const claim = page.locator('.view-line').filter({ hasText: 'Our plain model is robust' }).first();
    await claim
      .locator('span > span')
      .first()
      .hover({ position: { x: 60, y: 8 } });
    const hover = page.locator('.monaco-hover:visible').filter({ hasText: 'robustness' });
    await hover.first().waitFor({ timeout: 15_000 });
  });
});
