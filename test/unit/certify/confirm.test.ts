import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src/engine/certify/confirm';
import { parseVnnlib } from '../../../src/engine/certify/vnnlib';

const declared = `(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(declare-const Y_1 Real)`;
const property = (...asserts: string[]) => parseVnnlib(`${declared}${asserts.map((a) => `(assert ${a})`).join('')}`);
const box = ['(<= 0 X_0 0.5)', '(<= -1 X_1 1)'];

/** The network that returns its inputs. */
const identity = async (x: Float32Array) => Float64Array.from(x);
const at = (...values: number[]) => Float32Array.from(values);

describe('a counterexample', () => {
  it('is confirmed with its outputs and the margin of the tightest condition', async () => {
    const found = await confirm(property(...box, '(>= Y_0 0.25)', '(<= (* 4 Y_1) Y_0)'), at(0.5, 0), identity);
    expect(found).toMatchObject({ margin: 0.25, rounded: [] });
    expect([...found!.input]).toEqual([0.5, 0]);
    expect([...found!.output]).toEqual([0.5, 0]);
  });

  it('has the margin of the conjunction that holds best', async () => {
    const either = property(...box, '(or (>= Y_0 0.375) (>= Y_0 0.125) (>= Y_0 9))');
    expect((await confirm(either, at(0.5, 0), identity))?.margin).toBe(0.375);
  });

  it.each([
    ['above the box', at(0.50001, 0)],
    ['below the box', at(0.25, -1.00001)],
    ['not a number', at(Number.NaN, 0)],
    ['infinite', at(0.5, Number.POSITIVE_INFINITY)],
    ['too short', at(0.5)],
    ['too long', at(0.5, 0, 0)],
    ['short of a condition', at(0.125, 0)],
  ])('is none %s', async (_name, x) => {
    expect(await confirm(property(...box, '(>= Y_0 0.25)'), x, identity)).toBeNull();
  });

  it('may lie on a condition, but not on a strict one', async () => {
    expect(await confirm(property(...box, '(>= Y_0 0.25)'), at(0.25, 0), identity)).toMatchObject({ margin: 0 });
    expect(await confirm(property(...box, '(> Y_0 0.25)'), at(0.25, 0), identity)).toBeNull();
  });

  it('is none where the network returns what is not finite, or another number of outputs', async () => {
    const open = property(...box, '(>= Y_0 -1)');
    expect(await confirm(open, at(0, 0), async () => at(Number.NaN, 1) as never)).toBeNull();
    expect(await confirm(open, at(0, 0), async () => at(Number.POSITIVE_INFINITY, 1) as never)).toBeNull();
    expect(await confirm(open, at(0, 0), async () => at(1) as never)).toBeNull();
  });

  it('takes the nearest float32 where an interval holds none, and no other', async () => {
    const point = property('(= X_0 0.1)', '(<= -1 X_1 1)', '(>= Y_0 0)');
    expect((await confirm(point, at(0.1, 0), identity))?.rounded).toEqual([0]);
    expect(await confirm(point, at(Math.fround(0.1) + 2 ** -27, 0), identity)).toBeNull();
  });

  it('counts in the box that holds it, with what is asked there', async () => {
    const two = property('(or (and (<= 0 X_0 1) (>= Y_0 9)) (and (<= 2 X_0 3) (>= Y_0 1)))', '(<= 0 X_1 1)');
    expect(await confirm(two, at(1, 0), identity)).toBeNull();
    expect(await confirm(two, at(1.5, 0), identity)).toBeNull();
    expect(await confirm(two, at(3, 0), identity)).toMatchObject({ margin: 2 });
  });

  it('sees conditions on inputs and outputs together', async () => {
    const mixed = property(...box, '(>= (+ Y_0 X_1) 1)');
    expect(await confirm(mixed, at(0.5, 0.25), identity)).toBeNull();
    expect(await confirm(mixed, at(0.5, 0.75), identity)).toMatchObject({ margin: 0.25 });
  });

  it('has no margin where nothing is asked of the outputs', async () => {
    expect(await confirm(property(...box), at(0, 0), identity)).toMatchObject({ margin: null });
  });
});
