import { isContext } from '../../engine/compare/context';
import type { FromComparePage } from './protocol';

/**
 * A message of the page, checked: it shows reports, which anyone may have written. Null for anything that is not exactly one of
 * the messages.
 */
export function parseCompareMessage(value: unknown): FromComparePage | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { type, ...fields } = value as Record<string, unknown>;
  const only = (name: string) => Object.keys(fields).length === 1 && Object.hasOwn(fields, name);
  if (type === 'ready' && Object.keys(fields).length === 0) return { type };
  if (type === 'openReport' && only('model') && Number.isSafeInteger(fields.model) && Number(fields.model) >= 0)
    return { type, model: Number(fields.model) };
  if (type === 'export' && only('context') && isContext(fields.context)) return { type, context: fields.context };
  return null;
}
