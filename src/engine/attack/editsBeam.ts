import { cheapestReached, type EditSearch, type EditStart, runEdits } from './editsRun';
import { costOf, type Edit, type Slip, shuffle, slipsOf, spelt, withoutWord } from './editsText';
import type { Attack } from './types';

/** Shares of the queries: to rank the words, and to try single edits of them; the rest goes to combinations. */
const rankingShare = 0.25;
const singleShare = 0.4;
/** Partial combinations that are kept, edits that extend them, and extensions that are tried a round. */
const beamWidth = 5;
const poolSize = 48;
const tried = 64;
/** Edits of a word that combinations choose from. */
const perWord = 4;
/** Single edits that are tried of a word before the next is looked at. */
const first = 6;
/** Changes of a combination that are tried together, and how often in vain before another start. */
const variants = 12;
const patience = 8;

/**
 * Character edits by the scores: words are ranked by what leaving them out does (as DeepWordBug and TextFooler rank them), single edits of
 * the words that matter are tried, and the best are combined by a beam, the fewest edits first; then combinations are changed at random.
 */
export const editsBeam: Attack = {
  name: 'edits-beam',
  title: 'Character edits (beam search)',
  needs: 'scores',
  norms: ['edits'],
  targeted: true,
  defaults: { iterations: 0, restarts: 1, queries: 1000 },
  source:
    'Gao et al., Black-box generation of adversarial text sequences to evade deep learning classifiers, SPW 2018 (ranking); Pruthi, Dhingra & Lipton, Combating adversarial misspellings with robust word recognition, ACL 2019, §3 (what may be edited); Ebrahimi et al., HotFlip, ACL 2018, §4 (beam over edits)',
  run: (request) => runEdits(editsBeam, request, search),
};

interface Scored {
  readonly edits: readonly Edit[];
  readonly margin: number;
}

function* search(start: EditStart): EditSearch {
  const { text, most, left } = start;
  if (text.words.length === 0 || most < 1) return null;
  const budget = left();
  const clean = (yield { texts: [text.x] }).margin[0]!;
  const order = yield* ranked(start, Math.floor(rankingShare * budget));
  const options = new Options(start, order);
  const best: Scored[][] = text.words.map(() => []);
  const reached = yield* singles(start, options, order, best, Math.floor(singleShare * budget));
  if (reached) return reached;
  const pool = best.flat().sort((a, b) => a.margin - b.margin);
  const combined = yield* combine(start, pool.slice(0, poolSize), clean);
  if ('found' in combined) return combined.found;
  return yield* wander(start, options, pool, combined.best);
}

/** Positions of the words, those first without which the scores fall most. */
function* ranked(
  { text, left }: EditStart,
  queries: number,
): Generator<ReturnType<typeof asTexts>, number[], { margin: Float64Array }> {
  const all = [...text.words.keys()];
  const most = Math.max(1, Math.min(queries, left() - 1));
  // Of a long text with few queries every so many words are looked at, and their neighbours are taken to matter as much.
  const looked = all.length <= most ? all : Array.from({ length: most }, (_, k) => Math.floor((k * all.length) / most));
  const { margin } = yield asTexts(looked.map((word) => withoutWord(text, word)));
  let at = 0;
  const drop = all.map((word) => {
    while (at + 1 < looked.length && looked[at + 1]! <= word) at++;
    return margin[at] ?? Number.POSITIVE_INFINITY;
  });
  return all.sort((a, b) => drop[a]! - drop[b]! || a - b);
}

function asTexts(texts: readonly Float32Array[]): { readonly texts: readonly Float32Array[] } {
  return { texts };
}

/** Single edits of each word that have not been tried, in a seeded order. */
class Options {
  private readonly lists = new Map<number, { readonly slips: readonly Slip[]; taken: number }>();

  constructor(
    private readonly start: EditStart,
    readonly order: readonly number[],
  ) {}

  next(word: number, count: number): Edit[] {
    const { text, rules, most, random } = this.start;
    let list = this.lists.get(word);
    if (!list) {
      list = { slips: slipsOf(text, word, rules, most, random), taken: 0 };
      this.lists.set(word, list);
    }
    const some = list.slips.slice(list.taken, list.taken + count);
    list.taken += some.length;
    return some.map((slip) => spelt(text, word, slip));
  }
}

/** Tries single edits: a few of every word in the order of rank, then more of the words whose edits did most. */
function* singles(
  { left }: EditStart,
  options: Options,
  order: readonly number[],
  best: Scored[][],
  queries: number,
): Generator<readonly (readonly Edit[])[], readonly Edit[] | null, { margin: Float64Array; reached: Uint8Array }> {
  let spent = 0;
  let words: readonly number[] = order;
  while (spent < queries && left() > 0 && words.length > 0) {
    const room = Math.min(queries - spent, left(), 128);
    const asked: (readonly Edit[])[] = [];
    const served: number[] = [];
    for (const word of words) {
      if (asked.length >= room) break;
      const some = options.next(word, Math.min(first, room - asked.length));
      served.push(word);
      for (const edit of some) asked.push([edit]);
    }
    if (asked.length === 0) {
      words = words.filter((word) => !served.includes(word));
      continue;
    }
    const answer = yield asked;
    spent += asked.length;
    const found = cheapestReached(asked, answer);
    if (found) return found;
    asked.forEach((edits, k) => {
      const { word } = edits[0]!;
      best[word]!.push({ edits, margin: answer.margin[k] ?? Number.POSITIVE_INFINITY });
      best[word]!.sort((a, b) => a.margin - b.margin);
      best[word]!.length = Math.min(perWord, best[word]!.length);
    });
    const rest = order.filter((word) => best[word]!.length === 0);
    const known = order
      .filter((word) => best[word]!.length > 0)
      .sort((a, b) => best[a]![0]!.margin - best[b]![0]!.margin)
      .slice(0, Math.max(3, Math.ceil(order.length / 4)));
    // Words that were not looked at yet come first, as long as half of the queries are left.
    words = spent < queries / 2 && rest.length > 0 ? rest : known;
  }
  return null;
}

type Combined = { readonly found: readonly Edit[] } | { readonly best: Scored };

/** Extends the best combinations by one edit after the other, until no edit fits. */
function* combine(
  { most, left }: EditStart,
  pool: readonly Scored[],
  clean: number,
): Generator<readonly (readonly Edit[])[], Combined, { margin: Float64Array; reached: Uint8Array }> {
  let beam: Scored[] = pool.slice(0, beamWidth);
  let best: Scored = beam[0] ?? { edits: [], margin: clean };
  while (left() > 0 && beam.length > 0) {
    const seen = new Set<string>();
    const extended: { edits: readonly Edit[]; expected: number }[] = [];
    for (const { edits, margin } of beam) {
      for (const { edits: more, margin: alone } of pool) {
        const [edit] = more;
        if (!edit || costOf(edits) + edit.cost > most || edits.some(({ word }) => word === edit.word)) continue;
        const together = [...edits, edit].sort((a, b) => a.word - b.word);
        const key = keyOf(together);
        if (seen.has(key)) continue;
        seen.add(key);
        // As if what each edit does added up.
        extended.push({ edits: together, expected: margin + alone - clean });
      }
    }
    if (extended.length === 0) break;
    const asked = extended
      .sort((a, b) => a.expected - b.expected)
      .slice(0, tried)
      .map(({ edits }) => edits);
    const answer = yield asked;
    const found = cheapestReached(asked, answer);
    if (found) return { found };
    beam = asked
      .map((edits, k) => ({ edits, margin: answer.margin[k] ?? Number.POSITIVE_INFINITY }))
      .sort((a, b) => a.margin - b.margin)
      .slice(0, beamWidth);
    if (beam[0]!.margin < best.margin) best = beam[0]!;
  }
  return { best };
}

/** Changes a combination at random, an edit at a time, and keeps what brings it closer; starts anew where nothing does. */
function* wander(start: EditStart, options: Options, pool: readonly Scored[], from: Scored): EditSearch {
  const { most, left, random } = start;
  let current = from;
  let vain = 0;
  while (left() > 0) {
    const asked: (readonly Edit[])[] = [];
    const seen = new Set<string>([keyOf(current.edits)]);
    for (let k = 0; k < 4 * variants && asked.length < variants; k++) {
      const changed = varied(current.edits, start, options, pool);
      const key = keyOf(changed);
      if (changed.length === 0 || costOf(changed) > most || seen.has(key)) continue;
      seen.add(key);
      asked.push(changed);
    }
    if (asked.length === 0) return null;
    const answer = yield asked;
    const found = cheapestReached(asked, answer);
    if (found) return found;
    let closest: Scored = current;
    asked.forEach((edits, k) => {
      const margin = answer.margin[k] ?? Number.POSITIVE_INFINITY;
      if (margin < closest.margin) closest = { edits, margin };
    });
    vain = closest === current ? vain + 1 : 0;
    current = closest;
    if (vain < patience) continue;
    vain = 0;
    const fresh = shuffle([...pool.slice(0, poolSize)], random);
    const edits: Edit[] = [];
    for (const { edits: more } of fresh) {
      const [edit] = more;
      if (edit && costOf(edits) + edit.cost <= most && !edits.some(({ word }) => word === edit.word)) edits.push(edit);
    }
    current = { edits: edits.sort((a, b) => a.word - b.word), margin: Number.POSITIVE_INFINITY };
  }
  return null;
}

/** The combination with one edit of another word or in another spelling in the place of one, or beside it where there is room. */
function varied(edits: readonly Edit[], start: EditStart, options: Options, pool: readonly Scored[]): readonly Edit[] {
  const { most, random } = start;
  const fresh = random.uniform() < 0.5 || pool.length === 0;
  // Words that matter are drawn more often: the square of a uniform number is small more often than large.
  const word = options.order[Math.floor(random.uniform() ** 2 * options.order.length)]!;
  const edit =
    (fresh ? options.next(word, 1)[0] : undefined) ?? pool[random.integer(Math.max(1, pool.length))]?.edits[0];
  if (!edit) return [];
  const kept = edits.filter((each) => each.word !== edit.word);
  while (costOf(kept) + edit.cost > most && kept.length > 0) kept.splice(random.integer(kept.length), 1);
  return [...kept, edit].sort((a, b) => a.word - b.word);
}

function keyOf(edits: readonly Edit[]): string {
  return edits.map(({ word, letters }) => `${word}:${letters.join()}`).join(';');
}
