import type { DerivedText } from './derived';
import { isReference } from './reference';
import { Run } from './run';
import { type Span, splitSentences } from './sentence';
import type { DocumentComment, MetadataResult, Place, ProseDocument, Sentence } from './types';

type Draft = Omit<Sentence, 'before' | 'after' | 'offsets' | 'origin'> & {
  /** The first of its section. */
  readonly opens: boolean;
  /** Asked for by few: sentences that make no claim are not pointed into. */
  readonly places: () => number[];
};

interface Heading {
  readonly depth: number;
  readonly text: string;
}

const isMark = (char: string | undefined): boolean => char === '*' || char === '_' || char === '`';

/** Where a reader stands between two blocks: with the block itself, all that decides what is read of it. */
interface Standing {
  readonly headings: readonly Heading[];
  readonly titles: readonly string[];
  readonly empty: boolean;
  readonly last: string;
}

/** What was read of one block, and where the reader stood before and after it. */
export interface Piece {
  readonly before: Standing;
  readonly after: Standing;
  readonly drafts: readonly Draft[];
  readonly comments: readonly DocumentComment[];
}

/** A line in bold alone is a heading by another name, below all others. */
export const boldDepth = 7;

/** UTF-16 units, some thirty pages: whatever is longer is a log, a listing or an attack, and no paragraph of prose. */
const longestParagraph = 100_000;

/** Collects what the reader of a format finds, in the order of the text, into a `ProseDocument`. */
export class ProseBuilder {
  /** The last paragraph of the section; empty where something else has come since. */
  last = '';
  readonly about: string[] = [];
  readonly results: MetadataResult[] = [];
  readonly #comments: DocumentComment[] = [];
  readonly #drafts: Draft[] = [];
  /** By how much each draft was moved since it was made. */
  readonly #moved: number[] = [];
  #headings: readonly Heading[] = [];
  #titles: readonly string[] = [];
  #empty = true;
  #source: string;
  #derived: DerivedText | null = null;

  /** @param widen moves the ends of a sentence's range outwards to where the format's mark-up is whole */
  constructor(
    source: string,
    readonly widen: (start: number, end: number) => readonly [number, number] = (start, end) => [start, end],
  ) {
    this.#source = source;
  }

  /** From here on, offsets count in a text derived from the file. */
  derive(text: DerivedText): void {
    this.#source = text.text;
    this.#derived = text;
  }

  heading(depth: number, text: string): void {
    this.#enter([...this.#headings.filter((heading) => heading.depth < depth), { depth, text: text.trim() }]);
  }

  /** Leaves sections that begin at a depth or deeper. */
  close(depth: number): void {
    if (!this.#headings.every((heading) => heading.depth < depth))
      this.#enter(this.#headings.filter((heading) => heading.depth < depth));
  }

  /** Begins a section without a title: what follows has nothing to do with what stands before. */
  separate(): void {
    this.#enter([]);
  }

  /** Titles from the outermost section inwards. */
  get headings(): readonly string[] {
    return this.#titles;
  }

  /** Whether no sentence of the section was read yet. */
  get sectionIsEmpty(): boolean {
    return this.#empty;
  }

  comment(start: number, end: number, body: string): void {
    this.#comments.push({ start: this.#start(start), end: this.#end(end), body });
  }

  paragraph(run: Run, place: Place, lead: string): void {
    const { plain } = run;
    if (plain.length > longestParagraph) {
      this.last = '';
      return;
    }
    if (plain.trim() === '') return;
    if (!isReference(plain)) this.#push(run, splitSentences(plain), place, lead, null);
    this.last = plain.trimEnd();
  }

  /** One row of a table; the cells are as plain text in `header`, one for each column. */
  row(runs: readonly Run[], header: readonly string[]): void {
    const cells = runs.map((run) => run.plain.trim());
    const whole = new Run();
    for (const [i, run] of runs.entries()) if (cells[i] !== '') whole.append(run);
    const length = whole.plain.trimEnd().length;
    if (length > 0) this.#push(whole, [[0, length]], 'row', '', { header, cells });
    this.last = '';
  }

  /** Reads a block, and returns what was read of it. */
  record(read: () => void): Piece {
    const before = this.#standing();
    const [drafts, comments] = [this.#drafts.length, this.#comments.length];
    read();
    return {
      before,
      after: this.#standing(),
      drafts: this.#drafts.slice(drafts),
      comments: this.#comments.slice(comments),
    };
  }

  /** Takes what was read of the same block before, now `shift` units further on; false where it would be read otherwise here. */
  replay({ before, after, drafts, comments }: Piece, shift: number): boolean {
    if (before.empty !== this.#empty || before.last !== this.last || !sameHeadings(before.headings, this.#headings))
      return false;
    for (const draft of drafts) {
      this.#drafts.push(draft);
      this.#moved.push(shift);
    }
    for (const { start, end, body } of comments) this.#comments.push({ start: start + shift, end: end + shift, body });
    this.#headings = after.headings;
    this.#titles = after.titles;
    this.#empty = after.empty;
    this.last = after.last;
    return true;
  }

  #standing(): Standing {
    return { headings: this.#headings, titles: this.#titles, empty: this.#empty, last: this.last };
  }

  build(): ProseDocument {
    const drafts = this.#drafts;
    const sentences = drafts.map((draft, i): Sentence => {
      const { start, end, plain, prose, place, headings, lead, table, links, opens, places } = draft;
      const moved = this.#moved[i]!;
      const previous = drafts[i - 1];
      const next = drafts[i + 1];
      let offsets: number[] | null = null;
      return {
        start: start + moved,
        end: end + moved,
        plain,
        prose,
        get offsets() {
          offsets ??= moved === 0 ? places() : places().map((place) => place + moved);
          return offsets;
        },
        place,
        headings,
        before: previous === undefined || opens ? '' : previous.plain,
        after: next === undefined || next.opens ? '' : next.plain,
        lead,
        table,
        links,
        origin: draft,
      };
    });
    return { sentences, comments: this.#comments, about: this.about, results: this.results };
  }

  #enter(headings: readonly Heading[]): void {
    this.#empty = true;
    this.#headings = headings;
    this.#titles = headings.map((heading) => heading.text);
    this.last = '';
  }

  #push(run: Run, spans: readonly Span[], place: Place, lead: string, table: Sentence['table']): void {
    const { plain, prose } = run;
    const source = this.#source;
    const derived = this.#derived;
    for (const [from, to] of spans) {
      let start = run.startOf(from);
      let end = run.endOf(to - 1);
      // Emphasis that opens before the first word or closes after the last belongs to the sentence.
      while (isMark(source[start - 1])) start--;
      while (isMark(source[end])) end++;
      [start, end] = this.widen(start, end);
      this.#drafts.push({
        start: this.#start(start),
        end: this.#end(end),
        plain: plain.slice(from, to),
        prose: prose.slice(from, to),
        // A unit that is written as several stands where the last of them stands, so that the next offset is its end.
        places: () => {
          const places = run.lastPlaces(from, to);
          return derived === null ? places : places.map((last) => (derived.ends[last] ?? 0) - 1);
        },
        place,
        headings: this.#titles,
        lead,
        table,
        links: run.links.length === 0 ? [] : run.links.filter(({ at }) => at >= from && at < to).map(({ url }) => url),
        opens: this.#empty,
      });
      this.#moved.push(0);
      this.#empty = false;
    }
  }

  #start(offset: number): number {
    return this.#derived === null ? offset : (this.#derived.starts[offset] ?? this.#derived.ends.at(-1) ?? 0);
  }

  #end(offset: number): number {
    return this.#derived === null ? offset : (this.#derived.ends[offset - 1] ?? 0);
  }
}

function sameHeadings(a: readonly Heading[], b: readonly Heading[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every(({ depth, text }, i) => depth === b[i]!.depth && text === b[i]!.text);
}
