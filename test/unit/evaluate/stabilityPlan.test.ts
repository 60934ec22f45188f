import { describe, expect, it } from 'vitest';
import { stabilityPlan } from '../../../src/engine/evaluate/stabilityPlan';
import { stabilityReport } from '../../../src/engine/evaluate/stabilityReport';
import { emptySequences, flipsOf, sequencePositions } from '../../../src/engine/evaluate/stage/stability';
import type { EvaluationFacts } from '../../../src/engine/evaluate/stage/stage';
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
