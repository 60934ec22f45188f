import type { SyntaxNode } from '@lezer/common';
import { decodeEntity } from '../entity';
import { Run } from '../run';
import { attributeOf, hiddenTags, tagNameOf } from './html';
import { isCitation } from './link';

/** Targets of reference definitions by their label, in small letters. */
export type Definitions = ReadonlyMap<string, string>;

export const labelKey = (label: string): string =>
  label
    .replace(/^\[|\]$/g, '')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase();

/** A target may stand in angle brackets. */
export function withoutAngles(target: string): string {
  const start = target.startsWith('<') ? 1 : 0;
  const end = target.length > start && target.endsWith('>') ? target.length - 1 : target.length;
  return target.slice(start, end);
}

/** `:rocket:` between white space, and addresses. */
const unread = /(?<!\S):[a-z][a-z0-9_+-]{1,40}:(?!\S)|\bhttps?:\/\/[^\s<>`"]+/g;

/** Reads the inline content of one block into a run of visible text. */
export class InlineReader {
  readonly run = new Run();
  /** Tags such as `<code>` that are open here. */
  #hidden = 0;

  constructor(
    readonly source: string,
    readonly definitions: Definitions,
    readonly onComment: (from: number, to: number) => void,
  ) {}

  /** Children of a node, and the text between them, from `from` to `to`. */
  read(node: SyntaxNode, from: number, to: number, hidden = false): void {
    let at = from;
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.to <= at && child.to !== child.from) continue;
      if (child.from >= to) break;
      if (child.from > at) this.#text(at, child.from, hidden);
      this.#node(child, hidden);
      at = Math.max(at, child.to);
    }
    if (to > at) this.#text(at, to, hidden);
  }

  #text(from: number, to: number, hidden: boolean): void {
    const off = hidden || this.#hidden > 0;
    const text = this.source.slice(from, to);
    if (!text.includes(':')) {
      this.run.add(this.source, from, to, off);
      return;
    }
    let at = from;
    for (const match of text.matchAll(unread)) {
      const start = from + match.index;
      this.run.add(this.source, at, start, off);
      at = start + match[0].length;
      if (match[0].startsWith(':')) continue;
      at -= /[.,;:!?)\]]*$/.exec(match[0])![0].length;
      this.run.link(this.source.slice(start, at));
      this.run.add(this.source, start, at, true);
    }
    this.run.add(this.source, at, to, off);
  }

  #node(node: SyntaxNode, hidden: boolean): void {
    const { from, to } = node;
    const off = hidden || this.#hidden > 0;
    switch (node.name) {
      case 'Escape':
        this.run.put(this.source.slice(from + 1, to), from, to, off);
        break;
      case 'Entity': {
        const written = this.source.slice(from, to);
        const decoded = decodeEntity(written);
        if (decoded === null) this.run.add(this.source, from, to, off);
        else this.run.put(decoded, from, to, off);
        break;
      }
      case 'HardBreak':
      case 'DisplayMath':
        this.run.space(from, to);
        break;
      case 'InlineCode':
        this.#between(node, 'CodeMark', true);
        break;
      case 'Math':
        this.run.add(this.source, from, to, off);
        break;
      case 'Link':
        this.#link(node, hidden);
        break;
      case 'Autolink':
      case 'URL':
        this.run.link(withoutAngles(this.source.slice(from, to)));
        this.run.add(this.source, from, to, true);
        break;
      case 'Comment':
      case 'Expression':
        this.onComment(from, to);
        break;
      case 'HTMLTag':
        this.#tag(node);
        break;
      case 'Emphasis':
      case 'StrongEmphasis':
      case 'Strikethrough':
        this.read(node, from, to, hidden);
        break;
      default:
      // Marks, images, processing instructions, footnotes' labels: nothing that is read aloud.
    }
  }

  /** What stands between the first and the last mark of a node. */
  #between(node: SyntaxNode, mark: string, hidden: boolean): void {
    const marks = node.getChildren(mark);
    this.run.add(this.source, marks[0]?.to ?? node.from, marks.at(-1)?.from ?? node.to, hidden);
  }

  #link(node: SyntaxNode, hidden: boolean): void {
    const { source, run } = this;
    const marks = node.getChildren('LinkMark');
    const open = marks[0]?.to ?? node.from;
    const close = marks[1]?.from ?? node.to;
    if (source[open] === '^') return;
    const target = node.getChild('URL');
    const label = node.getChild('LinkLabel');
    const key = label && label.to - label.from > 2 ? source.slice(label.from, label.to) : source.slice(open, close);
    const url = target ? withoutAngles(source.slice(target.from, target.to)) : this.definitions.get(labelKey(key));
    if (url === undefined) {
      // Brackets without a target are brackets.
      this.#text(node.from, open, hidden);
      this.read(node, open, close, hidden);
      this.#text(close, close + 1, hidden);
      return;
    }
    const before = run.plain.length;
    run.link(url);
    this.read(node, open, close, hidden);
    if (!hidden && isCitation(run.plain.slice(before), url)) run.hide(before);
  }

  #tag(node: SyntaxNode): void {
    const tag = this.source.slice(node.from, node.to);
    const name = tagNameOf(tag);
    if (name === 'br' || name === 'p' || name === 'div' || name === 'li') this.run.space(node.from, node.to);
    else if (name === 'a' && !tag.startsWith('</')) this.run.link(attributeOf(tag, 'href'));
    if (!hiddenTags.has(name) || tag.endsWith('/>')) return;
    this.#hidden = Math.max(0, this.#hidden + (tag.startsWith('</') ? -1 : 1));
  }
}
