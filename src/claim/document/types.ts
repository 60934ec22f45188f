import type { ReadingMemory } from './commonmark/memory';

/** Where a sentence stands. */
export type Place = 'paragraph' | 'item' | 'row';

/** One sentence (or whole table row) with what surrounds it. Offsets are UTF-16 units into the document. */
export interface Sentence {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** What a reader sees: mark-up and link targets removed, white space collapsed. */
  readonly plain: string;
  /** `plain` with code, and titles of other works, blanked by `\u00a7`: what the linter may take as this author's words. */
  readonly prose: string;
  /**
   * For each UTF-16 unit of `plain`, the offset in the document that it stands for; never descending. Where a unit is spelled by
   * several (an escape, an entity), the last of them, so that the next offset ends it.
   */
  readonly offsets: readonly number[];
  readonly place: Place;
  /** Titles from the outermost section inwards. */
  readonly headings: readonly string[];
  /** The neighbouring sentences in the same section; empty if there is none. */
  readonly before: string;
  readonly after: string;
  /** The sentence that introduces the list that this one is an item of. */
  readonly lead: string;
  /** Table rows: the header cells and this row's cells, as plain text. */
  readonly table: { readonly header: readonly string[]; readonly cells: readonly string[] } | null;
  /** Targets of the links in the sentence, as written. */
  readonly links: readonly string[];
  /**
   * The same object for a sentence that was taken from an earlier reading of the document: it may have moved, and have other
   * neighbours, and is the same in all else.
   */
  readonly origin?: object;
}

/** A comment that readers of the rendered document do not see: `<!-- … -->`, `.. …`, `% …`, `# …`. */
export interface DocumentComment {
  readonly start: number;
  readonly end: number;
  /** Without the comment marks. */
  readonly body: string;
}

/** What is claimed in metadata, not in prose: an entry of a model card's `model-index` or `.eval_results`. */
export interface MetadataResult {
  readonly start: number;
  readonly end: number;
  /** Written as a sentence: `robust accuracy under AutoAttack (linf, ε = 8/255) on CIFAR-10: 56.2 %`. */
  readonly plain: string;
  /** `plain` has no counterpart unit by unit in the document: each unit stands for the value's offset. */
  readonly offsets: readonly number[];
}

/** A document of any format, as far as the linter looks at it. */
export interface ProseDocument {
  readonly sentences: readonly Sentence[];
  readonly comments: readonly DocumentComment[];
  /** What the document as a whole says it is about: model names and paths of its metadata, in the order of weight. */
  readonly about: readonly string[];
  readonly results: readonly MetadataResult[];
}

export const emptyDocument: ProseDocument = { sentences: [], comments: [], about: [], results: [] };

/** One format of documents: one file in this folder. Parsing never throws. */
export interface DocumentFormat {
  readonly name: string;
  /** Of file names, with their dot, in small letters; a whole name where there is only one (`citation.cff`). */
  readonly endings: readonly string[];
  /** The file must lie in a folder of this name. */
  readonly folder?: string;
  /** Language ids of VS Code. */
  readonly languages: readonly string[];
  /** Checked without being asked for by name or by a spec's `claims.include`. */
  readonly byDefault: boolean;
  /** @param memory of an earlier reading of the document, which this one is to be quicker by; see `ReadingMemory` */
  parse(text: string, memory?: ReadingMemory): ProseDocument;
}
