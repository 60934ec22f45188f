import { basename } from 'node:path/posix';
import {
  Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { RobustnessError } from '../../engine/error';
import type { AnyReport } from '../../engine/report/regression';
import { lineEndOf } from './block/block';
import type { TextEdit } from './fixes';
import { type CardHints, modelIndexResult, writer } from './modelIndexEntry';

/** Where the YAML of a card's front matter lies in its text. */
interface FrontMatter {
  readonly start: number;
  readonly end: number;
}

function frontMatterOf(text: string): FrontMatter | null {
  const open = /^\ufeff?---[ \t]*(?:\r\n|\n)/.exec(text);
  if (!open) return null;
  const start = open[0].length;
  const close = /(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/g;
  close.lastIndex = Math.max(0, start - 1);
  const found = close.exec(text);
  if (!found) return null;
  return { start, end: found[0].startsWith('\n') ? found.index + 1 : found.index };
}

const invalid = (reason: string) =>
  new RobustnessError(
    'claim/front-matter',
    `The front matter of this document is no valid YAML: ${reason}`,
    'Correct it first.',
  );

const style = () =>
  new RobustnessError(
    'claim/model-index-style',
    'The model-index of this document is written in a form that cannot be added to without rewriting it.',
    'Write model-index and its results as lists with a dash a line.',
  );

/** End of what a node says: of its last scalar, before white space and comments behind it. */
function endOf(node: Node): number {
  if (isCollection(node) && !node.flow) {
    const last = node.items.at(-1);
    if (isPair(last)) {
      const part =
        isNode(last.value) && last.value.range && last.value.range[1] > last.value.range[0] ? last.value : last.key;
      if (isNode(part)) return endOf(part);
    }
    if (isNode(last)) return endOf(last);
  }
  return node.range![1];
}

const textAt = (map: YAMLMap, key: string): string | null => {
  const value: unknown = map.get(key);
  return typeof value === 'string' ? value : null;
};

function hintsOf(root: YAMLMap | null): CardHints {
  const datasets: unknown = root?.toJSON()?.datasets;
  const listed = Array.isArray(datasets) ? datasets : datasets === undefined ? [] : [datasets];
  const [only] = listed;
  return {
    task: root ? textAt(root, 'pipeline_tag') : null,
    dataset: listed.length === 1 && typeof only === 'string' ? only : null,
  };
}

/** Whether this tool wrote a result, of this report. */
function isOurs(result: unknown, report: string): boolean {
  const metrics = (result as { metrics?: unknown } | null)?.metrics;
  if (!Array.isArray(metrics) || metrics.length === 0) return false;
  return metrics.every((metric: { args?: { tool?: unknown; report?: unknown } } | null) => {
    const { tool, report: path } = metric?.args ?? {};
    return typeof tool === 'string' && tool.split(' ')[0] === writer && path === report;
  });
}

/** YAML lines of a value, each behind `indent` blanks but the first. */
function lines(value: unknown, indent: number): string {
  const text = new Document(value).toString({ lineWidth: 0, indentSeq: false }).trimEnd();
  return text.replaceAll('\n', `\n${' '.repeat(indent)}`);
}

class Card {
  readonly #text: string;
  readonly #offset: number;

  constructor(text: string, offset: number) {
    this.#text = text;
    this.#offset = offset;
  }

  /** Column of the dash before an item. */
  #dash(item: Node): { readonly at: number; readonly column: number } {
    const at = this.#text.lastIndexOf('-', this.#offset + item.range![0] - 1);
    return { at, column: at - (this.#text.lastIndexOf('\n', at) + 1) };
  }

  replaceItem(item: Node, value: unknown): TextEdit {
    const { at, column } = this.#dash(item);
    return { start: at, end: this.#offset + endOf(item), newText: lines([value], column) };
  }

  /** Behind the last item of a list, on a line of its own. */
  append(list: YAMLSeq, value: unknown): TextEdit {
    const last = list.items.at(-1);
    if (list.flow || !isNode(last)) throw style();
    const { column } = this.#dash(last);
    return this.#line(this.#offset + endOf(last), `${' '.repeat(column)}${lines([value], column)}`);
  }

  /** A key behind the last of a map. */
  addKey(map: YAMLMap, key: string, value: unknown): TextEdit {
    const first = map.items[0]?.key;
    if (map.flow || !isNode(first)) throw style();
    const start = this.#offset + first.range![0];
    const column = start - (this.#text.lastIndexOf('\n', start - 1) + 1);
    return this.#line(this.#offset + endOf(map), `${' '.repeat(column)}${lines({ [key]: value }, column)}`);
  }

  /** In place of a value that is empty: `results: []`, `results:`. */
  replaceEmpty(map: YAMLMap, key: string, value: unknown): TextEdit {
    const pair = map.items.find((one) => isScalar(one.key) && one.key.value === key)!;
    const name = pair.key as Node;
    const start = this.#offset + name.range![0];
    const column = start - (this.#text.lastIndexOf('\n', start - 1) + 1);
    const from = this.#text.indexOf(':', this.#offset + name.range![1]) + 1;
    const end = isNode(pair.value) && pair.value.range ? Math.max(from, this.#offset + pair.value.range[1]) : from;
    return { start: from, end, newText: `\n${' '.repeat(column)}${lines(value, column)}` };
  }

  #line(after: number, text: string): TextEdit {
    const next = this.#text[after - 1] === '\n' ? after : this.#text.indexOf('\n', after) + 1;
    return { start: next, end: next, newText: `${text}\n` };
  }
}

const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  (isSeq(value) && value.items.length === 0) ||
  (isScalar(value) && value.value === null);

function edit(text: string, front: FrontMatter, report: AnyReport, path: string): TextEdit {
  const document = parseDocument(text.slice(front.start, front.end), { uniqueKeys: true });
  const [error] = document.errors;
  if (error) throw invalid(error.message.split('\n')[0]!);
  const root = document.contents;
  if (root !== null && !isMap(root) && !isEmpty(root)) throw invalid('it is no list of keys and values.');
  const map = isMap(root) ? root : null;
  const result = modelIndexResult(report, path, hintsOf(map));
  const name = basename(report.model.path).replace(/\.[^.]+$/, '');
  const fresh = { name, results: [result] };
  const card = new Card(text, front.start);
  if (map === null || map.items.length === 0)
    return { start: front.end, end: front.end, newText: `${lines({ 'model-index': [fresh] }, 0)}\n` };
  if (map.flow) throw style();
  if (!map.has('model-index')) return card.addKey(map, 'model-index', [fresh]);
  const models: unknown = map.get('model-index', true);
  if (isEmpty(models)) return card.replaceEmpty(map, 'model-index', [fresh]);
  if (!isSeq(models)) throw style();
  const entries = models.items.filter((item) => isMap(item));
  const entry = entries.find((one) => textAt(one, 'name') === name) ?? (entries.length === 1 ? entries[0] : undefined);
  if (entry === undefined) return card.append(models, fresh);
  if (!entry.has('results')) return card.addKey(entry, 'results', [result]);
  const results: unknown = entry.get('results', true);
  if (isEmpty(results)) return card.replaceEmpty(entry, 'results', [result]);
  if (!isSeq(results)) throw style();
  const own = results.items.find((item) => isMap(item) && isOurs(item.toJSON(), path));
  if (isNode(own)) {
    if (results.flow) throw style();
    return card.replaceItem(own, result);
  }
  return card.append(results, result);
}

/**
 * The edit that puts a report's figures into the `model-index` of a Hugging Face model card, in place of those that this tool
 * wrote of the same report before. Every byte outside of that entry stays; nothing is ever marked as verified.
 *
 * @param path of the report, relative to the card
 * @returns null where the card says it already
 * @throws RobustnessError `claim/front-matter`, `claim/model-index-style`, `claim/block-incomplete`
 */
export function modelIndexEdit(text: string, report: AnyReport, path: string): TextEdit | null {
  if (report.status.state !== 'complete')
    throw new RobustnessError(
      'claim/block-incomplete',
      'The evaluation of this report has not been completed, so its figures are no evidence yet.',
      'Resume the evaluation first.',
    );
  const eol = lineEndOf(text);
  const front = frontMatterOf(text);
  if (front === null) {
    const at = text.startsWith('\ufeff') ? 1 : 0;
    const start = '---\n---\n';
    const inner = edit(start, { start: 4, end: 4 }, report, path);
    const newText = `---\n${inner.newText}---\n\n`.replaceAll('\n', eol);
    return { start: at, end: at, newText };
  }
  const made = edit(text, front, report, path);
  const newText = made.newText.replaceAll('\n', eol);
  if (text.slice(made.start, made.end) === newText) return null;
  const after = text.slice(front.start, made.start) + newText + text.slice(made.end, front.end);
  // A splice into a form that was not foreseen must not break the card.
  if (parseDocument(after).errors.length > 0) throw style();
  return { ...made, newText };
}
