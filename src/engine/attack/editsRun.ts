import { Random } from '../random';
import { type EditRules, usualEditRules } from './editRules';
import { applyEdits, costOf, type Edit, type EditableText, editableText } from './editsText';
import { goalOf } from './goal';
import { checkRequest } from './request';
import type { Attack, AttackRequest, AttackResult } from './types';

/** Texts that are asked about: by their edits, or as they are (to learn from, and never to be returned). */
export type Question = readonly (readonly Edit[])[] | { readonly texts: readonly Float32Array[] };

/** By text: how far its scores are from what is wanted, and whether they are there. Fewer than asked where the budget ended. */
export interface Answer {
  readonly margin: Float64Array;
  readonly reached: Uint8Array;
}

/** Looks for edits of one text; what it returns succeeded. It is stopped where the query budget is spent. */
export type EditSearch = Generator<Question, readonly Edit[] | null, Answer>;

export interface EditStart {
  readonly text: EditableText;
  readonly rules: EditRules;
  /** Characters that may be edited. */
  readonly most: number;
  readonly random: Random;
  /** Queries that are left. */
  left(): number;
}

/** Numbers in one call of the oracle at most. */
const mostNumbers = 2 ** 22;

interface Searching {
  readonly row: number;
  readonly text: EditableText;
  search: EditSearch;
  question: Question;
  texts: readonly (Float32Array | null)[];
  left: number;
  best: { margin: number; edits: readonly Edit[] };
}

/**
 * Runs one search a text, all at once: questions of several texts share a call of the oracle, and a text that is done leaves. What a
 * search returns is not trusted: the verifier decides.
 */
export async function runEdits(
  attack: Attack,
  request: AttackRequest,
  begin: (start: EditStart) => EditSearch,
): Promise<AttackResult> {
  checkRequest(attack, request);
  const { oracle, x, y, indices, threat, budget, seed, signal } = request;
  const size = oracle.exampleSize;
  const goal = goalOf(request);
  const rules = threat.edits ?? usualEditRules;
  const adversarial = x.slice();
  const success = new Uint8Array(y.length);
  let active: Searching[] = [];
  for (let row = 0; row < y.length; row++) {
    const text = editableText(x.subarray(row * size, (row + 1) * size), rules);
    const searching: Searching = {
      row,
      text,
      search: undefined as unknown as EditSearch,
      question: [],
      texts: [],
      left: Math.max(1, budget.queries),
      best: { margin: Number.POSITIVE_INFINITY, edits: [] },
    };
    searching.search = begin({
      text,
      rules,
      // An attacker without a limit may edit every letter.
      most: Math.min(threat.epsilon, text.length),
      random: Random.of(seed, attack.name, indices[row]!),
      left: () => searching.left,
    });
    if (take(searching, searching.search.next())) active.push(searching);
  }
  while (active.length > 0) {
    const next: Searching[] = [];
    for (let from = 0; from < active.length; ) {
      signal?.throwIfAborted();
      let to = from;
      let asked = 0;
      while (to < active.length && (to === from || (asked + active[to]!.texts.length) * size <= mostNumbers)) {
        asked += active[to++]!.texts.length;
      }
      const together = active.slice(from, to);
      const logits = await ask(together.flatMap(({ texts }) => texts.filter((text) => text !== null)));
      let at = 0;
      for (const searching of together) {
        const answer: Answer = {
          margin: new Float64Array(searching.texts.length).fill(Number.POSITIVE_INFINITY),
          reached: new Uint8Array(searching.texts.length),
        };
        searching.texts.forEach((text, k) => {
          // A text that outgrows its room is no answer.
          if (text === null) return;
          answer.margin[k] = goal.margin(logits, at, searching.row);
          answer.reached[k] = goal.reached(logits, at, searching.row) ? 1 : 0;
          at++;
          const { question, best } = searching;
          if ('texts' in question || answer.margin[k]! >= best.margin) return;
          searching.best = { margin: answer.margin[k]!, edits: question[k]! };
        });
        if (take(searching, searching.search.next(answer))) next.push(searching);
      }
      from = to;
    }
    active = next;
  }
  return { adversarial, success, lossTrace: [] };

  async function ask(texts: readonly Float32Array[]): Promise<Float32Array> {
    const points = new Float32Array(texts.length * size);
    texts.forEach((text, k) => void points.set(text, k * size));
    return texts.length === 0 ? new Float32Array(0) : oracle.logits(points);
  }

  /** Whether the search goes on; where it does not, what it found is written down, or the closest it came. */
  function take(searching: Searching, { done, value }: IteratorResult<Question, readonly Edit[] | null>): boolean {
    if (done !== true && searching.left > 0) {
      const asked = 'texts' in value ? value.texts : value.map((edits) => applyEdits(searching.text, edits));
      searching.texts = asked.slice(0, searching.left);
      searching.question = value;
      if (searching.texts.length > 0) {
        searching.left -= searching.texts.length;
        return true;
      }
    }
    if (done !== true) searching.search.return(null);
    const found = done === true ? (value ?? null) : null;
    if (found) success[searching.row] = 1;
    const edits = found ?? searching.best.edits;
    if (costOf(edits) > threat.epsilon) return false;
    const text = applyEdits(searching.text, edits);
    if (text) adversarial.set(text, searching.row * size);
    return false;
  }
}

/** The cheapest of the answers that succeeded. */
export function cheapestReached(asked: readonly (readonly Edit[])[], { reached }: Answer): readonly Edit[] | null {
  let found: readonly Edit[] | null = null;
  reached.forEach((hit, k) => {
    if (hit === 1 && (found === null || costOf(asked[k]!) < costOf(found))) found = asked[k]!;
  });
  return found;
}
