import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../src/vscode/report/html';

const page = {
  cspSource: 'https://*.vscode-cdn.net',
  scriptUri: 'https://file+.vscode-resource.vscode-cdn.net/dist/webview/report.js',
  styleUri: 'https://file+.vscode-resource.vscode-cdn.net/dist/webview/report.css',
  nonce: 'abc123',
  definitions: {},
};

describe('reportHtml', () => {
  it('allows scripts by nonce alone, and no inline style', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(reportHtml(page))?.[1];
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'nonce-abc123'",
      "style-src https://*.vscode-cdn.net 'nonce-abc123'",
      'img-src https://*.vscode-cdn.net data:',
      'font-src https://*.vscode-cdn.net',
    ]);
  });

  it('keeps definitions inside their element, whatever they say', () => {
    const hostile = '</script><script>alert(1)</script><!--';
    const html = reportHtml({ ...page, definitions: { robustnessScore: { text: hostile } } });
    const element = /<script type="application\/json" id="definitions">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect(JSON.parse(element).terms.robustnessScore.text).toBe(hostile);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<!--');
  });

  it('escapes what stands in attributes', () => {
    expect(reportHtml({ ...page, styleUri: 'x"><script>' })).toContain('href="x&quot;&gt;&lt;script&gt;"');
  });
});
