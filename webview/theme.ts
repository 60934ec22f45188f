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
  const text = (name: string) => style.getPropertyValue(name).trim();
  const foreground = plainColor(text('--vscode-charts-foreground') || text('--vscode-foreground'), '#808080');
  const read = (name: string, otherwise = foreground) => plainColor(text(name), otherwise);
  const classes = document.body.classList;
  // These are made by the style sheet, so that charts and tables look of a piece.
  const muted = read('--muted');
  return {
    foreground,
    muted,
    grid: read('--rule', muted),
    background: read('--vscode-editor-background', 'transparent'),
    border: read('--vscode-contrastBorder', muted),
    fontFamily: text('--vscode-font-family') || 'sans-serif',
    fontSize: Number.parseFloat(style.fontSize) || 13,
    highContrast: classes.contains('vscode-high-contrast') || classes.contains('vscode-high-contrast-light'),
    colors: {
      foreground,
      muted,
      orange: read('--orange'),
      blue: read('--vscode-charts-blue'),
      green: read('--vscode-charts-green'),
      purple: read('--vscode-charts-purple'),
      red: read('--vscode-charts-red'),
      yellow: read('--vscode-charts-yellow'),
    },
  };
}

let pixel: CanvasRenderingContext2D | null | undefined;

/**
 * Any CSS colour, also `color-mix()` and relative ones, as `rgba()`: chart.js knows no other form. Painting a pixel is
 * the one way to have the browser work it out.
 */
function plainColor(css: string, otherwise: string): string {
  if (css === '' || !CSS.supports('color', css)) return otherwise;
  pixel ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!pixel) return otherwise;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = css;
  pixel.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 0] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgba(${r}, ${g}, ${b}, ${Number((a / 255).toFixed(3))})`;
}

/** Calls `changed` after VS Code has put another theme on the page. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
