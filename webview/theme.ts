/** Colours of the current VS Code theme, as the charts need them: canvas cannot read CSS variables itself. */
export interface Theme {
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
  readonly border: string;
  readonly fontFamily: string;
  readonly fontSize: number;
  readonly highContrast: boolean;
  readonly colors: Readonly<Record<ChartColor, string>>;
}

export type ChartColor = 'blue' | 'orange' | 'green' | 'purple' | 'red' | 'yellow' | 'foreground' | 'muted';

export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const classes = document.body.classList;
  const highContrast = classes.contains('vscode-high-contrast') || classes.contains('vscode-high-contrast-light');
  const foreground = read('--vscode-charts-foreground', read('--vscode-foreground', '#808080'));
  const muted = read('--muted', foreground);
  return {
    foreground,
    muted,
    // These two are made by the style sheet, so that charts and tables look of a piece.
    grid: read('--rule', muted),
    background: read('--vscode-editor-background', 'transparent'),
    border: read('--vscode-contrastBorder', muted),
    fontFamily: read('--vscode-font-family', 'sans-serif'),
    fontSize: Number.parseFloat(style.fontSize) || 13,
    highContrast,
    colors: {
      foreground,
      muted,
      blue: read('--vscode-charts-blue', foreground),
      orange: read('--vscode-charts-orange', foreground),
      green: read('--vscode-charts-green', foreground),
      purple: read('--vscode-charts-purple', foreground),
      red: read('--vscode-charts-red', foreground),
      yellow: read('--vscode-charts-yellow', foreground),
    },
  };
}

/** Calls `changed` after VS Code has put another theme on the page. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
