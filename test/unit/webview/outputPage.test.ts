import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutputPage } from '../../../src/vscode/report/protocol';
import { chromiumPath, launch, openReport, type PageServer, servePage } from '../../fixtures/reportPage';

const executable = chromiumPath();
if (executable === null) console.warn('SKIPPED: the report page needs a Chromium; set CHROMIUM_PATH.');

const page: OutputPage = {
  type: 'outputs',
  title: 'price.onnx',
  caveat: 'The evaluation was interrupted (Auto-PGD); errors can only grow.',
  state: 'interrupted',
  sections: [
    {
      title: 'Clean versus worst case',
      paragraphs: ['Over 100 examples.'],
      table: { columns: ['Threat model', 'Worst MAE'], rows: [['linf-1 <b>', '≥ 99.06 (93.16 to 105.3)']] },
    },
    { title: 'Clean metrics', paragraphs: [], table: null },
  ],
  pitfalls: [
    {
      rule: 'pitfalls/no-threat-model',
      severity: 'warning',
      message: 'No threat model is stated.',
      evidence: ['linf-1'],
      advice: 'State one.',
      help: 'docs/rules/pitfalls/no-threat-model.md',
    },
  ],
};

describe.skipIf(executable === null)('the page of a model that predicts numbers', () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(executable ?? ''), servePage({}, 10)]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('shows its parts, with the table as text, and asks for what its links say', async () => {
    const view = await openReport(browser, server, { width: 420 });
    await view.send(page);
    const text = await view.page.locator('main').innerText();
    for (const words of [
      'price.onnx',
      'interrupted',
      'Worst MAE',
      '≥ 99.06',
      'linf-1 <b>',
      'No threat model is stated.',
    ]) {
      expect(text).toContain(words);
    }
    // The headline comes before the pitfalls, and these before the rest.
    expect(await view.page.locator('section h2').allInnerTexts()).toEqual([
      'Clean versus worst case',
      'Pitfalls in this evaluation',
      'Clean metrics',
    ]);
    await view.page.getByText('Resume', { exact: true }).click();
    await view.page.getByText('CSV', { exact: true }).click();
    expect((await view.posted()).slice(1)).toEqual([{ type: 'resume' }, { type: 'export', format: 'csv' }]);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await view.page.evaluate(overflow)).toBe(0);
    expect(view.problems).toEqual([]);
    await view.page.close();
  });
});
