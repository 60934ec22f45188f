import type { Assessment, DocumentScope } from './assess';
import type { Sentence } from './document/types';

/**
 * What was found of the sentences of one document, so that after an edit only those are assessed again that it touched: a
 * sentence, its neighbours, its headings. Everything that an assessment depends on is in its key, or empties the memory.
 */
export class AssessmentMemory {
  #scope: string | null = null;
  #evidence: DocumentScope['evidence'] | null = null;
  #known = new Map<string, Assessment | null>();
  /** Of the check that goes on; what was not met in it is forgotten at its end. */
  #met = new Map<string, Assessment | null>();

  /**
   * Begins a check.
   *
   * @param settings what the severities in the scope were made from, besides the evidence
   */
  begin({ path, topic, about, evidence }: DocumentScope, settings: unknown): void {
    const scope = JSON.stringify([path, topic, about, settings]);
    const same = scope === this.#scope && evidence === this.#evidence;
    this.#known = same ? this.#met : new Map();
    this.#met = new Map();
    this.#scope = scope;
    this.#evidence = evidence;
  }

  /** What `make` says of a sentence, or said of one that is the same in all respects but its place. */
  recall(sentence: Sentence, source: string, make: () => Assessment | null): Assessment | null {
    const key = keyOf(sentence, source);
    let found = this.#known.get(key);
    if (found === undefined) found = make();
    this.#met.set(key, found);
    return found;
  }

  /** Sentences that are remembered. */
  get size(): number {
    return this.#met.size;
  }
}

function keyOf(sentence: Sentence, source: string): string {
  const { start, end, plain, prose, offsets, place, headings, before, after, lead, table, links, ...rest } = sentence;
  // Corrections say where a figure stands in the source, so the way from the one to the other counts.
  let way = 0;
  for (let i = 0; i < offsets.length; i++) way = (Math.imul(way, 31) + offsets[i]! - start) | 0;
  // A field that comes to be is part of the key without a word here.
  return JSON.stringify([
    source.slice(start, end),
    way,
    plain,
    prose === plain ? 0 : prose,
    place,
    headings,
    before,
    after,
    lead,
    table,
    links,
    rest,
  ]);
}
