import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What a person does in the workbench, by what a person sees. */

/** Shows a file in the Explorer, opening its folders. @param path relative to the workspace, `/` between parts */
export async function reveal(page: Page, path: string): Promise<Locator> {
  const explorer = page.getByRole('tree', { name: 'Files Explorer' });
  const parts = path.split('/');
  for (const [index, part] of parts.entries()) {
    const item = explorer.getByRole('treeitem', { name: part, exact: true });
    const next = parts[index + 1];
    await item.waitFor({ timeout: 30_000 });
    if (next === undefined) return item;
    if ((await item.getAttribute('aria-expanded')) !== 'true') await item.click();
  }
  throw new Error('an empty path');
}

/**
 * Opens a file's context menu once it has the entry: before the extension host is up, the menu lacks what extensions add.
 * @returns the entry
 */
export async function contextMenuEntry(page: Page, path: string, entry: string, timeout = 60_000): Promise<Locator> {
  const item = await reveal(page, path);
  const deadline = Date.now() + timeout;
  for (;;) {
    await item.click({ button: 'right' });
    const found = page.getByRole('menuitem', { name: entry, exact: true });
    const shown = await found.waitFor({ timeout: 1_500 }).then(
      () => true,
      () => false,
    );
    if (shown) return found;
    await page.keyboard.press('Escape');
    if (Date.now() > deadline) throw new Error(`The context menu of ${path} has no “${entry}”.`);
  }
}

/** Clicks an entry of an open menu until the menu has taken it: VS Code lets clicks go by that come just after a menu opened. */
export async function chooseEntry(entry: Locator, attempts = 10): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await entry.click();
    const taken = await entry.waitFor({ state: 'hidden', timeout: 1_500 }).then(
      () => true,
      () => false,
    );
    if (taken) return;
    if (attempt === attempts) throw new Error('The menu stays open, whatever is clicked.');
  }
}

/**
 * Runs a command from the palette, by its title with its category. The palette may lose the focus to whatever the step before
 * it opened, and closes then: it is opened again, as a person would.
 */
export async function runCommand(page: Page, title: string, attempts = 5): Promise<void> {
  const palette = page.locator('.quick-input-widget');
  const entry = palette.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
  for (let attempt = 1; ; attempt++) {
    try {
      await page.keyboard.press('F1');
      await palette.locator('input[type="text"]').fill(`>${title}`, { timeout: 4_000 });
      await entry.click({ timeout: 8_000 });
      await palette.waitFor({ state: 'hidden', timeout: 8_000 });
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** Opens a file as Quick Open does. */
export async function openFile(page: Page, path: string): Promise<void> {
  const item = await reveal(page, path);
  await item.dblclick();
}

/** The page inside the webview that is shown. */
export function webview(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}
