import { type SyntaxNode, type Tree, TreeFragment } from '@lezer/common';
import type { MarkdownParser } from '@lezer/markdown';
import type { Piece, ProseBuilder } from '../builder';
import type { Definitions } from './inline';

interface Remembered {
  readonly piece: Piece;
  /** Where the block began when it was read. */
  readonly from: number;
}

/**
 * How one document was parsed and read, so that after an edit only the blocks are looked at again that it touched. What is
 * read is the same as without.
 */
export class ReadingMemory {
  #parser: MarkdownParser | null = null;
  #source = '';
  #tree: Tree | null = null;
  #definitions: Definitions = new Map();
  /** By the block's tree, which the parser takes over where it can. */
  #known = new Map<Tree, Remembered>();
  /** Of the reading that goes on; what was not met in it is forgotten at its end. */
  #met = new Map<Tree, Remembered>();

  /** @param source normalised */
  parse(source: string, parser: MarkdownParser): Tree {
    const before = this.#tree;
    // An edit that the parser gave up on, or a reading that did, leaves nothing behind.
    this.#tree = null;
    if (before === null || parser !== this.#parser) {
      this.#known = new Map();
      this.#parser = parser;
      this.#tree = parser.parse(source);
    } else {
      const fragments = TreeFragment.addTree(before);
      const change = changeBetween(this.#source, source);
      this.#tree = parser.parse(source, change === null ? fragments : TreeFragment.applyChanges(fragments, [change]));
    }
    this.#source = source;
    return this.#tree;
  }

  /** Begins to read blocks. @param definitions targets of links, of which any block may make use */
  begin(definitions: Definitions): void {
    if (!sameDefinitions(this.#definitions, definitions)) this.#known = new Map();
    this.#definitions = definitions;
    this.#met = new Map();
  }

  /**
   * Gives to `builder` what a block of the top level says: as it was read before, else by `read`.
   *
   * @param isWhole asked after `read`: whether the block ended within itself
   */
  recall(node: SyntaxNode, builder: ProseBuilder, read: () => void, isWhole: () => boolean): void {
    const { tree, from } = node;
    const known = tree === null ? undefined : this.#known.get(tree);
    if (tree !== null && known !== undefined && builder.replay(known.piece, from - known.from)) {
      this.#met.set(tree, known);
      return;
    }
    const piece = builder.record(read);
    if (tree !== null && isWhole()) this.#met.set(tree, { piece, from });
  }

  end(): void {
    this.#known = this.#met;
  }
}

/** The stretch in which two texts differ, as the parser wants it; null for none. */
function changeBetween(
  a: string,
  b: string,
): { readonly fromA: number; readonly toA: number; readonly fromB: number; readonly toB: number } | null {
  const most = Math.min(a.length, b.length);
  let from = 0;
  while (from < most && a.charCodeAt(from) === b.charCodeAt(from)) from++;
  if (from === a.length && from === b.length) return null;
  let toA = a.length;
  let toB = b.length;
  while (toA > from && toB > from && a.charCodeAt(toA - 1) === b.charCodeAt(toB - 1)) {
    toA--;
    toB--;
  }
  return { fromA: from, toA, fromB: from, toB };
}

function sameDefinitions(a: Definitions, b: Definitions): boolean {
  if (a.size !== b.size) return false;
  for (const [label, url] of b) if (a.get(label) !== url) return false;
  return true;
}
