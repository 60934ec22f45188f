import { describe, expect, it } from 'vitest';
import { stabilityPlan } from '../../../src/engine/evaluate/stabilityPlan';
import { stabilityReport } from '../../../src/engine/evaluate/stabilityReport';
import {
  emptySequences,
  flipsOf,
  sequencePositions,
  stabilityStage,
} from '../../../src/engine/evaluate/stage/stability';
import type { EvaluationFacts, StageContext } from '../../../src/engine/evaluate/stage/stage';
import { argmax } from '../../../src/engine/evaluate/state';
import { flipProbability, topDistance } from '../../../src/engine/metric/flip';
import { Random } from '../../../src/engine/random';
import { stabilitySection } from '../../../src/engine/report/stabilitySections';
import { perturbationByName } from '../../../src/engine/stability/registry';
import { reportBase } from '../../fixtures/reportBase';

const facts = { kind: 'image', shape: [3, 32, 32], range: [0, 1], count: 50 } as unknown as EvaluationFacts;
const all = { names: null, frames: null, limit: 20 };

/** Flips by example, of thirty steps. */
function tally(name: 'rotate' | 'tilt' | 'gaussian_noise', flips: readonly number[]) {
  const own = emptySequences(perturbationByName(name), facts, null);
  own.flips.push(...flips);
  own.distances.push(...flips.map((count) => 2 * count));
  return own;
}

describe('what is planned', () => {
  it('leaves out, with a reason, what the data cannot have', () => {
    const reasons = (change: object, record = false) => {
      const notes: string[] = [];
      const { stages } = stabilityPlan({ stability: all }, { ...facts, ...change }, notes, record);
      return [stages.length, ...new Set(notes.map((note) => note.replace(/^.*left out, /, '')))];
    };
    expect(reasons({})).toEqual([10]);
    expect(reasons({ range: null })).toEqual([0, 'since the data have no known range']);
    expect(reasons({ kind: 'vector', columns: { continuous: [] } })).toEqual([
      0,
      'there is no numeric column that is free to change',
    ]);
    expect(reasons({ kind: 'text' })).toEqual([0, 'there are no sequences for data of kind text']);
    expect(reasons({ kind: 'vector' }, true)).toEqual([0, 'an example holds several inputs of the model']);
    expect(reasons({ kind: 'series', range: null, shape: [1, 100] })).toEqual([4]);
  });

  it('looks at examples spread over the data', () => {
    expect([...sequencePositions(50, 4)]).toEqual([0, 12, 25, 37]);
    expect([...sequencePositions(3, 10)]).toEqual([0, 1, 2]);
  });
});

describe('a unit of sequences', () => {
  const small = { ...facts, shape: [1, 6, 6] } as EvaluationFacts;
  const random = Random.of(3, 'weights');
  const weights = Float64Array.from({ length: 36 * 6 }, () => random.normal());
  /** Six classes by a linear map. */
  const scores = (x: Float32Array) =>
    Float32Array.from({ length: (x.length / 36) * 6 }, (_, at) => {
      const [row, k] = [Math.floor(at / 6), at % 6];
      let sum = 0;
      for (let i = 0; i < 36; i++) sum += x[row * 36 + i]! * weights[i * 6 + k]!;
      return sum;
    });
  const context = {
    oracle: { exampleSize: 36, classes: 6, logits: async (x: Float32Array) => scores(x) },
    seed: 1,
  } as unknown as StageContext;
  const pixels = Float32Array.from({ length: 50 * 36 }, () => random.uniform());
  const run = (name: 'gaussian_noise' | 'translate', indices: readonly number[]) => {
    const x = Float32Array.from(indices.flatMap((index) => [...pixels.subarray(index * 36, (index + 1) * 36)]));
    const tally = emptySequences(perturbationByName(name), small, null);
    const chunk = { indices: Int32Array.from(indices), x, y: new Int32Array(indices.length) };
    return stabilityStage(tally, 50, null, [0, 1], small).run(chunk, context);
  };
  const names = ['gaussian_noise', 'translate'] as const;

  it.each(names)('of %s: an example has the same sequence in whatever unit', async (name) => {
    const together = await run(name, [3, 7, 12]);
    const alone = await run(name, [7]);
    expect(alone.distances[0]).toBeGreaterThan(0);
    expect([alone.flips[0], alone.distances[0]]).toEqual([together.flips[1], together.distances[1]]);
  });

  it.each(names)('of %s: flips and distances are of the frames that belong together', async (name) => {
    const found = await run(name, [9]);
    const perturbation = perturbationByName(name);
    const x = pixels.subarray(9 * 36, 10 * 36);
    const own = Random.of(1, 'stability', name, 9);
    const frame = perturbation.open({ x, shape: small.shape, bounds: [0, 1], random: own });
    const count = perturbation.frames(small.shape);
    const all = new Float32Array(count * 36);
    for (let k = 0; k < count; k++) frame(k, all.subarray(k * 36, (k + 1) * 36));
    const logits = scores(all);
    let distance = 0;
    for (let k = 1; k < count; k++) distance += topDistance(logits, 6, name === 'gaussian_noise' ? 0 : k - 1, k);
    expect(found.distances[0]).toBe(distance);
    expect(found.flips[0]! / (count - 1)).toBe(flipProbability([argmax(logits, 6)], name === 'gaussian_noise'));
    expect(found.byStep.reduce((sum, flips) => sum + flips, 0)).toBe(found.flips[0]);
  });
});

describe('figures of sequences', () => {
  it('holds frames against the first or against the one before', () => {
    const predictions = Int32Array.of(1, 1, 2, 2, 1);
    expect([...flipsOf(predictions, 'first')]).toEqual([0, 1, 1, 0]);
    expect([...flipsOf(predictions, 'previous')]).toEqual([0, 1, 0, 1]);
    expect(flipsOf(Int32Array.of(1), 'first')).toHaveLength(0);
  });

  it('draws examples, not steps: flips that come together widen the interval', () => {
    const apart = stabilityReport([tally('rotate', Array(100).fill(3))], null, 0).mFP;
    const together = stabilityReport([tally('rotate', [...Array(10).fill(30), ...Array(90).fill(0)])], null, 0).mFP;
    expect(apart.value).toBeCloseTo(together.value, 12);
    expect(apart.high - apart.low).toBeCloseTo(0, 12);
    // The standard error of a share of 10 in 100 examples is 3 points.
    expect(together.high - together.low).toBeGreaterThan(0.09);
    expect(together.high - together.low).toBeLessThan(0.15);
  });

  it('where nothing flipped, the upper end is that of the sequences that may flip', () => {
    const { mFP, index, bySequence } = stabilityReport([tally('tilt', Array(100).fill(0))], null, 0);
    const [row] = bySequence;
    expect([mFP.high, 1 - index.low]).toEqual([expect.closeTo(0.03699, 4), expect.closeTo(0.03699, 4)]);
    expect(row?.flipProbability).toMatchObject({ value: 0, low: 0 });
    expect(row?.flipProbability.high).toBeCloseTo(0.03699, 4);
  });

  it('relative to a reference, without the kinds in which that never flips', () => {
    const reference = {
      name: 'other.onnx',
      kind: 'report',
      flips: new Map([
        ['rotate', 0.05],
        ['tilt', 0],
      ]),
      distances: new Map([['rotate', 0.4]]),
    } as const;
    const tallies = [tally('rotate', Array(50).fill(3)), tally('tilt', Array(50).fill(6))];
    const stability = stabilityReport(tallies, reference, 0);
    expect(stability.reference?.mFR?.value).toBeCloseTo(2, 12);
    expect(stability.reference?.mT5D?.value).toBeCloseTo(0.5, 12);
    expect(stability.reference?.bySequence.map(({ flipRate }) => flipRate)).toEqual([expect.closeTo(2, 12), null]);
    const section = stabilitySection({ stability, data: reportBase().data });
    const text = section!.paragraphs.join('\n');
    expect(text).toContain('Mean flip rate 200.0 % (200.0–200.0), over 1 kind, relative to those of other.onnx');
    expect(text).toContain('In 1 kind the reference never flips');
    expect(text).toContain('Tilt flips most: the prediction changes at 20.0 % of the steps');
    expect(section?.table?.rows.map(([title]) => title)).toEqual(['Tilt', 'Rotate']);
    expect(section?.table?.rows.map((cells) => cells.at(-1))).toEqual(['–', '200.0 %']);
  });
});
