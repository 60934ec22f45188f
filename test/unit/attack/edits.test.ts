import { describe, expect, it } from 'vitest';
import { usualEditRules } from '../../../src/engine/attack/editRules';
import { editsBeam } from '../../../src/engine/attack/editsBeam';
import { editsRandom } from '../../../src/engine/attack/editsRandom';
import { applyEdits, editableText, spellings } from '../../../src/engine/attack/editsText';
import type { Attack, AttackThreat, Oracle } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { editDistance, editRefusal } from '../../../src/engine/attack/verifyEdits';
import { Random } from '../../../src/engine/random';
import { decodeText, encodeText } from '../../../src/engine/text/codePoints';

const width = 120;
const coded = (text: string, size = width) => {
  const x = new Float32Array(size);
  encodeText(text, x);
  return x;
};
const threat = (epsilon: number, edits = usualEditRules): AttackThreat => ({
  norm: 'edits',
  epsilon,
  bounds: null,
  edits,
});

/** Scores of a text by its words: as plain a model as there is, so that what is best is known. */
function wordOracle(weights: Readonly<Record<string, number>>, bias: number): Oracle & { asked: string[] } {
  const counts = { forwards: 0, backwards: 0 };
  const asked: string[] = [];
  return {
    classes: 2,
    exampleShape: [width],
    exampleSize: width,
    differentiable: false,
    batchSize: 8,
    counts,
    asked,
    async logits(x) {
      const n = x.length / width;
      counts.forwards += n;
      const rows = new Float32Array(2 * n);
      for (let i = 0; i < n; i++) {
        const text = decodeText(x.subarray(i * width, (i + 1) * width));
        asked.push(text);
        for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) rows[2 * i + 1]! += weights[word] ?? 0;
        rows[2 * i + 1]! += bias;
      }
      return rows;
    },
    gradient: () => Promise.reject(new Error('no gradient')),
  };
}

const attacked = (
  attack: Attack,
  oracle: Oracle,
  texts: readonly string[],
  epsilon: number,
  queries: number,
  seed = 0,
) =>
  attack.run({
    oracle,
    x: Float32Array.from(texts.flatMap((text) => [...coded(text)])),
    y: new Int32Array(texts.length).fill(1),
    indices: Int32Array.from(texts, (_, i) => i),
    threat: threat(epsilon),
    budget: { iterations: 0, restarts: 1, queries },
    seed,
  });
const textAt = (points: Float32Array, row: number) => decodeText(points.subarray(row * width, (row + 1) * width));

/** The definition, cell by cell. */
function levenshtein(a: string, b: string): number {
  const [from, to] = [[...a], [...b]];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (const [i, letter] of from.entries()) {
    const next = [i + 1];
    for (const [j, other] of to.entries())
      next.push(Math.min(row[j]! + Number(letter !== other), row[j + 1]! + 1, next[j]! + 1));
    row = next;
  }
  return row.at(-1)!;
}

describe('the distance of edits', () => {
  it('is Levenshtein’s, on random pairs of all lengths, whatever the width of the vectors', () => {
    const random = Random.of(1, 'pairs');
    const drawn = (most: number) =>
      Array.from({ length: random.integer(most) }, () => 'abcé字😀'.at(random.integer(4))!).join('');
    for (let k = 0; k < 400; k++) {
      const [a, b] = [drawn(k % 40), drawn(k % 37)];
      expect(editDistance(coded(a, 50), coded(b, 50)), `${a} ${b}`).toBe(levenshtein(a, b));
    }
  });

  it('counts a swap of neighbours as two, and code points, not halves of them', () => {
    expect(editDistance(coded('form'), coded('from'))).toBe(2);
    expect(editDistance(coded('a😀b'), coded('a😁b'))).toBe(1);
    expect(editDistance(coded(''), coded('abc'))).toBe(3);
    expect(editDistance(coded('x'), Float32Array.of(Number.NaN, ...coded('y').subarray(1)))).toBeNaN();
  });

  it('takes texts of ten thousand characters', () => {
    const long = 'lorem ipsum '.repeat(900);
    expect(editDistance(coded(long, 12_000), coded(long.replace('ipsum', 'ispum').concat('!'), 12_000))).toBe(3);
  });
});

describe('what the verifier lets pass', () => {
  const refused = (before: string, after: string, rules = usualEditRules) =>
    editRefusal(coded(before), coded(after), rules);

  it('is one edit of any kind within a word', () => {
    const good = 'The movie was wonderful, though.';
    for (const after of ['wonferful', 'wonderfull', 'wonerful', 'wodnerful']) {
      if (after === 'wonderfull') continue;
      expect(refused(good, good.replace('wonderful', after)), after).toBeNull();
    }
    expect(refused(good, good.replace('wonderful', 'wondefrul').replace('movie', 'moovie'))).toBeNull();
    expect(refused('привет мир', 'првет мир')).toBeNull();
    expect(refused('שלום עולם', 'שללום עולם')).toBeNull();
  });

  it('is nothing that changes the meaning: ends, short words, negations, numbers, words apart', () => {
    expect(refused('really good', 'really goof')).toContain('last letter');
    expect(refused('really good', 'eeally good')).toContain('first');
    expect(refused('a cat sat', 'a cut sat')).toContain('fewer than 4');
    expect(refused('never again', 'nevver again')).toContain('left alone');
    expect(refused('room 1234', 'room 1934')).toContain('letters alone');
    expect(refused('it doesn’t work', 'it doezn’t work')).toContain('letters alone');
    expect(refused('good film', 'goodfilm')).toContain('joined');
    expect(refused('good film', 'good, film')).toContain('between words');
    expect(refused('wonderful', 'wonferfuul')).toContain('more than once');
    expect(refused('wonderful', 'wonder ful')).not.toBeNull();
    expect(refused('日本語文字', '日本誤文字')).toContain('letters alone');
  });

  it('follows the rules that a threat model states', () => {
    const rules = { keepEnds: false, leastLetters: 3, keep: ['film'] };
    expect(refused('good', 'goof', rules)).toBeNull();
    expect(refused('the cat', 'the cut', rules)).toBeNull();
    expect(refused('good film', 'good fiml', rules)).toContain('left alone');
  });

  it('is no text with a hole, and nothing that is no character', () => {
    const hole = coded('wonderful');
    hole[4] = 0;
    expect(editRefusal(coded('wonderful'), hole, usualEditRules)).toContain('no character');
    const half = coded('wonderful');
    half[4] = 101.5;
    expect(editRefusal(coded('wonderful'), half, usualEditRules)).toContain('no character');
    half[4] = 0xd800;
    expect(editRefusal(coded('wonderful'), half, usualEditRules)).toContain('no character');
  });

  it('counts only where distance, rules and label agree', async () => {
    const oracle = wordOracle({ great: 3 }, -1);
    const verifier = createVerifier({ classes: 2, exampleSize: width, predict: (x) => oracle.logits(x) });
    const confirm = async (after: string, epsilon: number) => {
      const { confirmed, distance, reasons } = await verifier.confirm({
        x: coded('a great story'),
        adversarial: coded(after),
        y: Int32Array.of(1),
        threat: threat(epsilon),
      });
      return [confirmed[0], distance[0], reasons[0]];
    };
    expect(await confirm('a grgat story', 1)).toEqual([1, 1, null]);
    expect(await confirm('a graet story', 1)).toEqual([0, 2, expect.stringContaining('more than ε')]);
    expect(await confirm('a great stroy', 2)).toEqual([0, 2, expect.stringContaining('true class')]);
    expect(await confirm('a freat story', 1)).toEqual([0, 1, expect.stringContaining('first')]);
  });
});

describe('spellings of a word', () => {
  it('are all that one edit makes, each once, and all of them pass the verifier', () => {
    const text = editableText(coded('The movie, never dull!'), usualEditRules);
    expect(text.words.map((word) => word.text)).toEqual(['movie', 'dull']);
    const all = spellings(text, 0, usualEditRules, 2, Random.of(0, 'spelling'));
    const spelt = all.map((edit) => String.fromCodePoint(...edit.letters));
    expect(new Set(spelt).size).toBe(spelt.length);
    // Three inner letters: 25 others each, 3 left out, 2 swaps, 26 letters put in at 4 places; doubled ones come twice.
    expect(spelt.filter((word) => word.length === 5 && levenshtein(word, 'movie') === 1)).toHaveLength(75);
    expect(spelt.filter((word) => word.length === 4)).toHaveLength(3);
    expect(spelt.filter((word) => levenshtein(word, 'movie') === 2).sort()).toEqual(['moive', 'mvoie']);
    expect(spelt.filter((word) => word.length === 6)).toHaveLength(4 * 26 - 3);
    for (const edit of all) {
      const changed = applyEdits(text, [edit])!;
      expect(editRefusal(text.x, changed, usualEditRules), decodeText(changed)).toBeNull();
      expect(editDistance(text.x, changed)).toBe(edit.cost);
    }
    expect(spellings(text, 0, usualEditRules, 1, Random.of(0, 'x')).every(({ cost }) => cost === 1)).toBe(true);
  });

  it('do not outgrow the room that a text has', () => {
    const text = editableText(coded('word', 4), usualEditRules);
    const grown = spellings(text, 0, usualEditRules, 1, Random.of(0, 'x')).find(({ letters }) => letters.length === 5)!;
    expect(applyEdits(text, [grown])).toBeNull();
  });
});

describe.each([editsBeam, editsRandom])('$name', (attack) => {
  const oracle = () => wordOracle({ excellent: 2, wonderful: 2, lovely: 1, story: 0.2, fun: 2 }, -1.5);
  const texts = [
    'An excellent story, wonderful and lovely too.',
    'excellent',
    'wonderful lovely',
    'plain words decide fun here',
  ];

  it('finds the edits that are enough, within the limit and the rules', async () => {
    const { adversarial, success } = await attacked(attack, oracle(), texts.slice(0, 3), 3, 400);
    expect([...success]).toEqual([1, 1, 1]);
    for (const [row, text] of texts.slice(0, 3).entries()) {
      const after = textAt(adversarial, row);
      expect(levenshtein(text, after)).toBeLessThanOrEqual(3);
      expect(editRefusal(coded(text), coded(after), usualEditRules)).toBeNull();
    }
    // One word stands or falls with one edit; the first text needs two of its three words.
    expect(levenshtein('excellent', textAt(adversarial, 1))).toBe(1);
    expect(levenshtein(texts[0]!, textAt(adversarial, 0))).toBe(2);
  });

  it('finds nothing where nothing can be found, and asks no more than it may', async () => {
    const few = oracle();
    const { adversarial, success } = await attacked(attack, few, [texts[0]!, texts[3]!, 'it is so', ''], 1, 90);
    expect([...success]).toEqual([0, 0, 0, 0]);
    expect(levenshtein(texts[0]!, textAt(adversarial, 0))).toBeLessThanOrEqual(1);
    expect(textAt(adversarial, 2)).toBe('it is so');
    expect(few.counts.forwards).toBeLessThanOrEqual(2 * 90);
    expect(few.counts.forwards).toBeGreaterThan(90);
  });

  it('gives the same whatever the batch, and other things by another seed', async () => {
    const together = await attacked(attack, oracle(), texts, 2, 60);
    const alone = await attack.run({
      oracle: oracle(),
      x: coded(texts[2]!),
      y: Int32Array.of(1),
      indices: Int32Array.of(2),
      threat: threat(2),
      budget: { iterations: 0, restarts: 1, queries: 60 },
      seed: 0,
    });
    expect(textAt(together.adversarial, 2)).toBe(textAt(alone.adversarial, 0));
    const asked = async (seed: number) => {
      const one = oracle();
      await attacked(attack, one, [texts[3]!], 2, 60, seed);
      return one.asked.join('|');
    };
    expect(await asked(0)).toBe(await asked(0));
    expect(await asked(0)).not.toBe(await asked(1));
  });

  it('is told which class to reach', async () => {
    const target = { targets: Int32Array.of(0) };
    const { success } = await attack.run({
      oracle: oracle(),
      x: coded('excellent'),
      y: Int32Array.of(1),
      indices: Int32Array.of(0),
      threat: threat(1),
      budget: { iterations: 0, restarts: 1, queries: 100 },
      seed: 0,
      ...target,
    });
    expect([...success]).toEqual([1]);
  });
});

describe('the beam', () => {
  /** Weights of misspellings too: single edits that hurt a little hide the pair that decides. */
  it('finds what trying every pair of edits finds, on a model where only certain misspellings count', async () => {
    const random = Random.of(3, 'weights');
    const sentence = 'this clever film';
    const text = editableText(coded(sentence), usualEditRules);
    const options = text.words.flatMap((_, word) =>
      spellings(text, word, usualEditRules, 2, Random.of(0, 'all', word)),
    );
    const weights: Record<string, number> = {};
    for (const { letters } of options) weights[String.fromCodePoint(...letters)] = random.uniform() - 0.5;
    const cost = (edit: (typeof options)[number]) => weights[String.fromCodePoint(...edit.letters)]!;
    let least = 0;
    for (const a of options)
      for (const b of options) if (a.word < b.word && a.cost + b.cost <= 2) least = Math.min(least, cost(a) + cost(b));
    // Just reachable by the best pairs: some dozens of the thousands that there are.
    const oracle = wordOracle(weights, -(least + 0.02));
    const { success } = await attacked(editsBeam, oracle, [sentence], 2, 2000);
    expect(options.length).toBeGreaterThan(200);
    expect([...success]).toEqual([1]);
    const harder = wordOracle(weights, -(least - 0.01));
    expect([...(await attacked(editsBeam, harder, [sentence], 2, 2000)).success]).toEqual([0]);
  });
});
