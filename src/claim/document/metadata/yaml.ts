import { type Document, isMap, isScalar, isSeq, parseDocument, type Scalar, type YAMLMap } from 'yaml';

/** Longer metadata is data. */
const longest = 100_000;

/** Reads YAML without resolving aliases; null where it is no YAML. Never throws. */
export function readYaml(text: string): Document | null {
  // Nested flow collections are read by recursion.
  if (text.length > longest || /(?:[[{][^\]}]{0,4}){200}/.test(text)) return null;
  try {
    const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false, uniqueKeys: false });
    return document.errors.length > 0 ? null : document;
  } catch {
    return null;
  }
}

export const asMap = (node: unknown): YAMLMap | null => (isMap(node) ? node : null);

/** The items of a list; a value that stands alone is a list of one. */
export function itemsOf(node: unknown): readonly unknown[] {
  if (isSeq(node)) return node.items;
  return node === null || node === undefined ? [] : [node];
}

export const childOf = (node: unknown, key: string): unknown => asMap(node)?.get(key, true) ?? null;

export const scalarOf = (node: unknown): Scalar | null => (isScalar(node) ? node : null);

/** A scalar's value as a person wrote it; empty for anything else. */
export function textOf(node: unknown): string {
  const scalar = scalarOf(node);
  if (scalar === null || scalar.value === null || scalar.value === undefined) return '';
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value));
}

/** Where the value of a scalar stands, without its quotation marks. */
export function rangeOf(scalar: Scalar, source: string): readonly [number, number] | null {
  if (!scalar.range) return null;
  const [start, end] = scalar.range;
  const quoted = /^(["'])[\s\S]*\1$/.test(source.slice(start, end)) && end - start > 2;
  return quoted ? [start + 1, end - 1] : [start, end];
}
