import { svg } from './dom';

// Drawn here because the codicon font would need a font file and a second licence for seven signs.
const PATHS = {
  error:
    'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm0 1a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM5.9 5.2 8 7.3l2.1-2.1.7.7L8.7 8l2.1 2.1-.7.7L8 8.7l-2.1 2.1-.7-.7L7.3 8 5.2 5.9l.7-.7Z',
  warning:
    'M8.9 1.9 15 13.2c.3.6-.1 1.3-.8 1.3H1.8c-.7 0-1.1-.7-.8-1.3L7.1 1.9c.4-.7 1.4-.7 1.8 0Zm-.9.5L1.9 13.5h12.2L8 2.4ZM7.5 6h1v4h-1V6Zm.5 5a.75.75 0 1 1 0 1.5.75.75 0 0 1 0-1.5Z',
  info: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm0 1a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM7.5 7h1v4.5h-1V7ZM8 4.5A.75.75 0 1 1 8 6a.75.75 0 0 1 0-1.5Z',
  check: 'M13.7 4.4 6.4 12.2 2.3 8.4l.7-.8 3.3 3.1 6.7-7 .7.7Z',
  chevron: 'm8 10.7 4.5-4.5-.7-.7L8 9.3 4.2 5.5l-.7.7L8 10.7Z',
  arrow: 'M9.3 3.5 13.8 8l-4.5 4.5-.7-.7 3.3-3.3H2v-1h9.9L8.6 4.2l.7-.7Z',
  history:
    'M8 2a6 6 0 1 1-5.7 4.1l1 .3A5 5 0 1 0 5 4h2v1H3.2V1.5h1v1.8A6 6 0 0 1 8 2Zm-.5 3h1v3.3l2.4 1.4-.5.9-2.9-1.7V5Z',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGElement {
  return svg(
    'svg',
    { class: `icon icon-${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: PATHS[name], 'fill-rule': 'evenodd', fill: 'currentColor' }),
  );
}
