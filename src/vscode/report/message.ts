import type { FromWebview } from './protocol';

/** What a page may send, by type: the fields beside `type`, each a string that passes its test. */
const shapes = {
  ready: {},
  cancel: {},
  resume: {},
  openAsText: {},
  openFile: { path: text },
  openRule: { rule: text },
  rerun: { preset: oneOf('quick', 'standard', 'plus', 'rand', 'thorough') },
  mitigate: { rule: text, message: text },
  export: { format: oneOf('md', 'html', 'csv') },
  exportExamples: {},
} as const satisfies Record<FromWebview['type'], Readonly<Record<string, (value: unknown) => boolean>>>;

/**
 * A message of the page, checked. The page shows reports, which anyone may have written, so what comes from it is as
 * untrusted as they are: null for anything that is not exactly one of the messages.
 */
export function parseMessage(value: unknown): FromWebview | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { type, ...fields } = value as Record<string, unknown>;
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) return null;
  const shape: Readonly<Record<string, (field: unknown) => boolean>> = shapes[type as FromWebview['type']];
  const names = Object.keys(shape);
  const exact = Object.keys(fields).length === names.length && names.every((name) => shape[name]?.(fields[name]));
  return exact ? (value as FromWebview) : null;
}

/** Paths, names of rules and sentences of a report; what they may name is judged where they are used. */
function text(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= 10_000;
}

function oneOf(...values: readonly string[]): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && values.includes(value);
}
