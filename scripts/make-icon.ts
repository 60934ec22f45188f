// Renders media/icon.svg to media/icon.png, the 256 × 256 pixels that the Marketplace and the Extensions view show.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installBrowser } from './rig/installBrowser';
import { repositoryRoot } from './rig/paths';

const svg = await readFile(join(repositoryRoot, 'media/icon.svg'), 'utf8');
const browser = await chromium.launch({
  executablePath: await installBrowser(),
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
await page.screenshot({ path: join(repositoryRoot, 'media/icon.png'), omitBackground: true });
await browser.close();
