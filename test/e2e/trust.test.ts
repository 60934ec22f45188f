import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile, reveal, runCommand } from '../../scripts/rig/driver';
import { evidenceOnFailure, openSample, type Session } from './session';

let session: Session;
evidenceOnFailure(() => session);
beforeAll(async () => {
  session = await openSample({ askForTrust: true });
});
afterAll(() => session?.close());

describe('in Restricted Mode', () => {
  it('checks claims, and offers no evaluation', async () => {
    const { page } = session;
    await page.locator('.statusbar').getByText('Restricted Mode').waitFor({ timeout: 60_000 });
    await openFile(page, 'README.md');
    await runCommand(page, 'Problems: Focus on Problems View');
    // A diagnostic is the sign that the extension is up: only then does a missing entry mean anything.
    const problem = page.locator('.markers-panel').getByRole('treeitem').filter({ hasText: 'robustness' });
    await problem.first().waitFor({ timeout: 60_000 });
    const model = await reveal(page, 'models/plain.onnx');
    await model.click({ button: 'right' });
    await page
      .getByRole('menuitem', { name: /Copy Path/ })
      .first()
      .waitFor();
    expect(await page.getByRole('menuitem', { name: 'Inspect Robustness' }).count()).toBe(0);
  });
});
