import type { Assessment, DocumentScope } from './assess';
import type { Sentence } from './document/types';

interface Found {
  readonly before: string;
  readonly after: string;
  readonly key: string;
  readonly assessment: Assessment | null;
}

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
  /** By `Sentence.origin`, what was last found of it between these neighbours: most sentences need no key. */
  #byOrigin = new WeakMap<object, Found>();

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
    if (!same) this.#byOrigin = new WeakMap();
    this.#scope = scope;
    this.#evidence = evidence;
  }

  /** What `make` says of a sentence, or said of one that is the same in all respects but its place. */
  recall(sentence: Sentence, source: string, make: () => Assessment | null): Assessment | null {
    const { origin, before, after } = sentence;
    const last = origin && this.#byOrigin.get(origin);
    if (last !== undefined && last.before === before && last.after === after) {
      this.#met.set(last.key, last.assessment);
      return last.assessment;
    }
    const key = keyOf(sentence, source);
    let assessment = this.#known.get(key);
    if (assessment === undefined) assessment = make();
    this.#met.set(key, assessment);
    if (origin !== undefined) this.#byOrigin.set(origin, { before, after, key, assessment });
    return assessment;
  }

  /** Sentences that are remembered. */
  get size(): number {
    return this.#met.size;
  }
}

function keyOf(sentence: Sentence, source: string): string {
  const { start, end, plain, prose, offsets, place, headings, before, after, lead, table, links, origin, ...rest } =
    sentence;
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
