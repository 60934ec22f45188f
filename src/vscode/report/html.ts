/** One term that the report explains in a tooltip: a sentence, and the formula when it has one. */
export interface Definition {
  readonly text: string;
  readonly formula?: string;
}

export interface ReportPage {
  /** `webview.cspSource`. */
  readonly cspSource: string;
  /** `dist/webview/report.js` as a webview URI. */
  readonly scriptUri: string;
  /** `dist/webview/report.css` as a webview URI. */
  readonly styleUri: string;
  /** Fresh for each page; base64 or hex. */
  readonly nonce: string;
  /** By term (`robustnessScore`, `stabilityIndex`, ...); a term without an entry gets no tooltip. */
  readonly definitions: Readonly<Record<string, string | Definition>>;
  /** How many pitfall rules are checked, said where none was found. */
  readonly pitfallRules?: number;
}

/**
 * The page of the report editor.
 *
 * `style-src` has the nonce beside the source because `@microsoft/fast-web-utilities`, under the toolkit, tests for
 * `:focus-visible` with one empty `<style>` element, which it gives the nonce found in `<meta property="csp-nonce">`.
 * Everything else that it and chart.js style goes through constructed style sheets and the CSSOM, which the policy
 * does not restrict, so `unsafe-inline` is not needed.
 */
export function reportHtml(page: ReportPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.cspSource} 'nonce-${page.nonce}'`,
    `img-src ${page.cspSource} data:`,
    `font-src ${page.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta property="csp-nonce" content="${attribute(page.nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Robustness report</title>
<link rel="stylesheet" href="${attribute(page.styleUri)}">
</head>
<body>
<div id="report"></div>
<script type="application/json" id="definitions">${scriptData({
    terms: page.definitions,
    pitfallRules: page.pitfallRules ?? null,
  })}</script>
<script nonce="${attribute(page.nonce)}" src="${attribute(page.scriptUri)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** JSON that cannot end the script element or open a comment in it. */
function scriptData(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
