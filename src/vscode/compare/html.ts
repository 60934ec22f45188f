export interface ComparePage {
  /** `webview.cspSource`. */
  readonly cspSource: string;
  /** `dist/webview/compare.js` and `compare.css` as webview URIs. */
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Fresh for each page; base64 or hex. */
  readonly nonce: string;
  readonly title: string;
}

/** The page of a comparison. Its policy is that of the report page, for the same reasons: see `reportHtml`. */
export function compareHtml({ cspSource, scriptUri, styleUri, nonce, title }: ComparePage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta property="csp-nonce" content="${attribute(nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(title)}</title>
<link rel="stylesheet" href="${attribute(styleUri)}">
</head>
<body>
<div id="compare"></div>
<script nonce="${attribute(nonce)}" src="${attribute(scriptUri)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
