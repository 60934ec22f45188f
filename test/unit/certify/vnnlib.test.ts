import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slack } from '../../../src/engine/certify/slack';
import { type Property, parseVnnlib, readVnnlib } from '../../../src/engine/certify/vnnlib';
import { RobustnessError } from '../../../src/engine/error';

const declared = (inputs: number, outputs: number) =>
  [
    ...Array.from({ length: inputs }, (_, i) => `(declare-const X_${i} Real)`),
    ...Array.from({ length: outputs }, (_, i) => `(declare-const Y_${i} Real)`),
  ].join('\n');

const parsed = (inputs: number, outputs: number, ...asserts: string[]) =>
  parseVnnlib(`${declared(inputs, outputs)}\n${asserts.map((each) => `(assert ${each})`).join('\n')}`);

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (RobustnessError.is(error)) return error.code;
    throw error;
  }
  return 'read';
};

describe('properties of VNN-LIB', () => {
  it('reads bounds from both sides, comments and both ways of declaring', () => {
    const property = parseVnnlib(`; a comment (with a parenthesis
      (set-logic QF_LRA)
      (declare-fun X_0 () Real) (declare-const X_1 Real) (declare-const |Y_0| Real)
      (assert (<= X_0 0.5)) (assert (>= X_0 -2.5e-1))
      (assert (and (<= (- 3) X_1) (>= 4. X_1)))
      (assert (>= Y_0 1)) (check-sat)`);
    expect(property).toMatchObject({ inputs: 2, outputs: 1 });
    const [region] = property.regions;
    expect([...region!.low]).toEqual([-0.25, -3]);
    expect([...region!.high]).toEqual([0.5, 4]);
    expect(region!.conjunctions).toEqual([
      [{ outputs: [0], outputWeights: [1], inputs: [], inputWeights: [], constant: -1, strict: false }],
    ]);
  });

  it('takes the tightest of several bounds, and the value of an equality', () => {
    const { regions } = parsed(2, 1, '(<= 0 X_0 9)', '(<= 1 X_0 5)', '(= X_1 0.125)', '(>= Y_0 0)');
    expect([...regions[0]!.low]).toEqual([1, 0.125]);
    expect([...regions[0]!.high]).toEqual([5, 0.125]);
  });

  it('leaves the bound itself out where it is strict', () => {
    const { regions } = parsed(2, 1, '(< 0 X_0 1)', '(> 2 X_1 -1)', '(> Y_0 0)');
    expect([...regions[0]!.low]).toEqual([Number.MIN_VALUE, -1 + 2 ** -53]);
    expect([...regions[0]!.high]).toEqual([1 - 2 ** -53, 2 - 2 ** -52]);
    expect(regions[0]!.conjunctions[0]![0]!.strict).toBe(true);
  });

  it('makes a region of each box of a disjunction, with all that is asked of the outputs', () => {
    const { regions } = parsed(
      2,
      2,
      '(<= 0 X_1 1)',
      '(or (and (<= 0 X_0 1)) (and (<= 5 X_0 6) (<= X_1 0.5)))',
      '(or (>= Y_0 Y_1) (and (>= Y_0 3) (<= Y_1 -3)))',
    );
    expect(regions.map(({ low, high }) => [...low, ...high])).toEqual([
      [0, 0, 1, 1],
      [5, 0, 6, 0.5],
    ]);
    for (const { conjunctions } of regions) expect(conjunctions.map((each) => each.length)).toEqual([1, 2]);
  });

  it('reads arithmetic, on both sides, with inputs and outputs mixed', () => {
    const { regions } = parsed(
      1,
      2,
      '(<= 0 (* 2 X_0) 1)',
      '(>= (+ Y_0 (* -2 Y_1) (- X_0) (/ 3 4)) (- (* Y_1 2 0.5) Y_0 (* 3 (+ Y_0 1))))',
    );
    expect([...regions[0]!.high]).toEqual([0.5]);
    expect(regions[0]!.conjunctions[0]![0]).toMatchObject({
      outputs: [0, 1],
      outputWeights: [5, -3],
      inputs: [0],
      inputWeights: [-1],
      constant: 3.75,
    });
  });

  it('drops what cannot hold, and is empty where nothing can', () => {
    const bounded = '(<= 0 X_0 1)';
    expect(parsed(1, 1, bounded, '(or (>= X_0 2) (>= Y_0 0))').regions).toHaveLength(1);
    expect(parsed(1, 1, bounded, '(or (>= 1 2) (>= Y_0 0))').regions[0]!.conjunctions).toHaveLength(1);
    expect(parsed(1, 1, bounded, '(>= X_0 2)').regions).toEqual([]);
    expect(parsed(1, 1, bounded, 'false').regions).toEqual([]);
    expect(parsed(1, 1, bounded, '(> Y_0 Y_0)').regions).toEqual([]);
    expect(parsed(1, 1, bounded, '(>= Y_0 Y_0)').regions[0]!.conjunctions).toEqual([[]]);
  });

  const bad: readonly [string, string, string][] = [
    ['nothing', '', 'vnnlib/declaration'],
    ['no outputs', declared(1, 0), 'vnnlib/declaration'],
    ['a gap', '(declare-const X_0 Real)(declare-const X_2 Real)(declare-const Y_0 Real)', 'vnnlib/declaration'],
    ['a second time', `${declared(1, 1)}(declare-const X_0 Real)`, 'vnnlib/declaration'],
    ['integers', '(declare-const X_0 Int)', 'vnnlib/declaration'],
    ['another name', '(declare-const Z_0 Real)', 'vnnlib/declaration'],
    ['a huge index', '(declare-const X_999999999 Real)', 'vnnlib/declaration'],
    ['leading zeros', '(declare-const X_00 Real)', 'vnnlib/declaration'],
    ['a function', '(declare-fun X_0 (Real) Real)', 'vnnlib/declaration'],
    ['an open parenthesis', `${declared(1, 1)}(assert (<= X_0 1)`, 'vnnlib/syntax'],
    ['a closed one', `${declared(1, 1)})`, 'vnnlib/syntax'],
    ['text outside', `${declared(1, 1)} hello`, 'vnnlib/syntax'],
    ['an open quotation', `${declared(1, 1)}(set-info "x`, 'vnnlib/syntax'],
    ['great depth', `${declared(1, 1)}(assert ${'('.repeat(100_000)}${')'.repeat(100_000)})`, 'vnnlib/syntax'],
    ['two conditions', `${declared(1, 1)}(assert true true)`, 'vnnlib/syntax'],
    ['half a comparison', `${declared(1, 1)}(assert (<= X_0))`, 'vnnlib/syntax'],
    ['a term as condition', `${declared(1, 1)}(assert X_0)`, 'vnnlib/syntax'],
    ['an empty condition', `${declared(1, 1)}(assert ())`, 'vnnlib/syntax'],
    ['a huge number', `${declared(1, 1)}(assert (<= X_0 1e999))`, 'vnnlib/syntax'],
    ['a product that overflows', `${declared(1, 1)}(assert (<= X_0 (* 1e300 1e300)))`, 'vnnlib/syntax'],
    ['a division by zero', `${declared(1, 1)}(assert (<= X_0 (/ 1 0)))`, 'vnnlib/syntax'],
    ['not of two', `${declared(1, 1)}(assert (not true false))`, 'vnnlib/syntax'],
    ['an unknown symbol', `${declared(1, 1)}(assert (<= X_1 1))`, 'vnnlib/unknown-symbol'],
    ['a word', `${declared(1, 1)}(assert (<= constructor 1))`, 'vnnlib/unknown-symbol'],
    ['not a number', `${declared(1, 1)}(assert (<= X_0 NaN))`, 'vnnlib/unknown-symbol'],
    ['use before declaration', '(assert (<= X_0 1))', 'vnnlib/declaration'],
    ['a product of variables', `${declared(1, 1)}(assert (<= (* X_0 Y_0) 1))`, 'vnnlib/unsupported'],
    ['a division by a variable', `${declared(1, 1)}(assert (<= (/ 1 X_0) 1))`, 'vnnlib/unsupported'],
    ['another operator', `${declared(1, 1)}(assert (<= (max X_0 1) 1))`, 'vnnlib/unsupported'],
    ['another condition', `${declared(1, 1)}(assert (xor true false))`, 'vnnlib/unsupported'],
    ['another command', `${declared(1, 1)}(push 1)`, 'vnnlib/unsupported'],
    ['VNN-LIB 2', '(vnnlib-version <2.0>)', 'vnnlib/version'],
    ['an open box', `${declared(2, 1)}(assert (<= 0 X_0 1))(assert (<= X_1 1))`, 'vnnlib/unbounded'],
    ['an open box of two', `${declared(1, 1)}(assert (or (<= 0 X_0 1) (<= 3 X_0)))`, 'vnnlib/unbounded'],
    [
      'a disjunction that explodes',
      `${declared(1, 1)}(assert (<= 0 X_0 1))${'(assert (or (>= Y_0 1) (<= Y_0 -1)))'.repeat(20)}`,
      'vnnlib/too-large',
    ],
  ];
  it.each(bad)('refuses %s', (_name, text, code) => {
    expect(codeOf(() => parseVnnlib(text))).toBe(code);
  });

  it('names the line and the input', () => {
    expect(() => parseVnnlib(`${declared(1, 1)}\n\n(assert (<= X_0 1)))`)).toThrow(/line 4/);
    expect(() => parsed(2, 1, '(<= 0 X_0 1)', '(<= X_1 1)', '(>= Y_0 0)')).toThrow(/X_1 is not bounded below/);
  });

  it('reads any text or refuses it by a code of its own', () => {
    const pieces = fc.constantFrom(
      ...['(', ')', ' ', 'assert', 'and', 'or', 'not', '<=', '>=', '=', '<', '+', '-', '*', '/', 'X_0', 'Y_0', 'X_1'],
      ...['0.5', '-1', '1e9', 'Real', 'declare-const', '"', '|', ';', '\n', 'true', '()', '(assert (<= X_0 1))'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), fc.boolean(), (parts, front) => {
        const text = (front ? `${declared(1, 1)}(assert (<= 0 X_0 1))` : '') + parts.join(' ');
        expect(codeOf(() => parseVnnlib(text))).toMatch(/^(read|vnnlib\/.*)$/);
      }),
      { numRuns: 250 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(codeOf(() => parseVnnlib(text))).toMatch(/^vnnlib\//);
      }),
      { numRuns: 150 },
    );
  });
});

/** A condition as text, and what it says about a point. */
interface Condition {
  readonly text: string;
  holds(x: readonly number[], y: readonly number[]): boolean;
}

const atom: fc.Arbitrary<Condition> = fc
  .record({
    operator: fc.constantFrom('<=', '>=', '<', '>', '='),
    weights: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: -2, max: 2 }))),
    right: fc.integer({ min: -3, max: 3 }),
  })
  .map(({ operator, weights, right }) => {
    const names = ['X_0', 'X_1', 'Y_0', 'Y_1'];
    const sum = `(+ 0 ${weights.map((weight, i) => `(* ${weight} ${names[i]})`).join(' ')})`;
    return {
      text: `(${operator} ${sum} ${right})`,
      holds(x, y) {
        const left = weights.reduce((total, weight, i) => total + weight * [...x, ...y][i]!, 0);
        return { '<=': left <= right, '>=': left >= right, '<': left < right, '>': left > right, '=': left === right }[
          operator
        ]!;
      },
    };
  });

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc
      .record({
        kind: fc.constantFrom('and', 'or', '=>', 'not'),
        parts: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }),
      })
      .map(({ kind, parts }): Condition => {
        const used = kind === 'not' ? parts.slice(0, 1) : kind === '=>' ? parts.slice(0, 2) : parts;
        return {
          text: `(${kind} ${used.map(({ text }) => text).join(' ')})`,
          holds(x, y) {
            const values = used.map((part) => part.holds(x, y));
            if (kind === 'not') return !values[0];
            if (kind === '=>') return !values[0] || values[1]!;
            return kind === 'and' ? values.every(Boolean) : values.some(Boolean);
          },
        };
      }),
  ),
}));

describe('the normal form', () => {
  const contains = ({ regions }: Property, x: readonly number[], y: readonly number[]) =>
    regions.some(
      ({ low, high, conjunctions }) =>
        x.every((value, i) => value >= low[i]! && value <= high[i]!) &&
        conjunctions.some((conjunction) =>
          conjunction.every((each) => (each.strict ? slack(each, x, y) > 0 : slack(each, x, y) >= 0)),
        ),
    );

  it('holds at the same points as the conditions that it was made of', () => {
    const half = fc.integer({ min: -6, max: 6 }).map((value) => value / 2);
    const point = fc.tuple(half, half, half, half);
    let [inside, outside] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 3 }),
        fc.array(point, { minLength: 30, maxLength: 30 }),
        (all, points) => {
          const property = parsed(2, 2, '(<= -3 X_0 3)', '(<= -3 X_1 3)', ...all.map(({ text }) => text));
          for (const [x0, x1, y0, y1] of points) {
            const expected = all.every((each) => each.holds([x0, x1], [y0, y1]));
            if (expected) inside++;
            else outside++;
            expect(contains(property, [x0, x1], [y0, y1])).toBe(expected);
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(inside, outside)).toBeGreaterThan(500);
  });
});

describe('property files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vnnlib-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const written = async (name: string, bytes: Uint8Array | string) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const text = `${declared(1, 1)}(assert (<= 0 X_0 1))(assert (>= Y_0 0))`;

  it('are read plain and compressed, whatever they are called', async () => {
    const plain = await readVnnlib(await written('plain.vnnlib.gz', text));
    expect(plain.regions).toHaveLength(1);
    expect(await readVnnlib(await written('zipped.vnnlib', gzipSync(text)))).toEqual(plain);
  });

  it('are refused where they are missing, damaged, or inflate without end', async () => {
    await expect(readVnnlib(join(folder, 'none'))).rejects.toMatchObject({ code: 'vnnlib/unreadable' });
    await expect(readVnnlib(folder)).rejects.toMatchObject({ code: 'vnnlib/unreadable' });
    const cut = gzipSync(text).subarray(0, 40);
    await expect(readVnnlib(await written('cut.gz', cut))).rejects.toMatchObject({ code: 'vnnlib/unreadable' });
    const bomb = gzipSync(Buffer.alloc(3 * 2 ** 20, ' '));
    await expect(readVnnlib(await written('bomb.gz', bomb), 2 ** 20)).rejects.toMatchObject({
      code: 'vnnlib/too-large',
    });
  });
});
