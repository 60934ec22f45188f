import { expect, it } from 'vitest';
import { compareHtml } from '../../../src/vscode/compare/html';
import { parseCompareMessage } from '../../../src/vscode/compare/message';

it.each([{ type: 'ready' }, { type: 'openReport', model: 0 }, { type: 'export', context: 'safety-critical' }])(
  'takes %j',
  (message) => expect(parseCompareMessage(message)).toEqual(message),
);

it.each([
  null,
  'ready',
  [],
  {},
  { type: 'ready', more: 1 },
  { type: 'openReport' },
  { type: 'openReport', model: -1 },
  { type: 'openReport', model: 1.5 },
  { type: 'openReport', model: '/etc/passwd' },
  { type: 'openReport', model: 0, path: '/etc/passwd' },
  { type: 'export', context: '__proto__' },
  { type: 'export', context: ['general'] },
  { type: 'constructor' },
])('refuses %j', (message) => expect(parseCompareMessage(message)).toBeNull());

it('the page runs its own script alone', () => {
  const html = compareHtml({ cspSource: 'vscode:', scriptUri: 'a"b', styleUri: 's', nonce: 'N', title: '<b>' });
  expect(html).toContain("default-src 'none'; script-src 'nonce-N'");
  expect(html).toContain('src="a&quot;b"');
  expect(html).not.toContain('<b>');
});
