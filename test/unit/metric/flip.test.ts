import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argmax } from '../../../src/engine/evaluate/state';
import { flipProbability, predictionChanges, topDistance } from '../../../src/engine/metric/flip';

interface Case {
  readonly classes: number;
  readonly noise: boolean;
  readonly scores: number[];
  readonly flipProbability: number;
  readonly top5Distance: number;
}
// Written by bench/parity/flips.py.
const cases = JSON.parse(
  readFileSync(new URL('../../fixtures/flip-parity.json', import.meta.url), 'utf8'),
) as readonly Case[];

describe('flips and rankings, as numpy and scipy have them', () => {
  it.each(cases.map((each) => [each.classes, each.noise ? 'the first' : 'the frame before', each] as const))(
    '%i classes, against %s',
    (classes, _, { scores, noise, ...expected }) => {
      const values = Float32Array.from(scores);
      const frames = values.length / classes;
      let distance = 0;
      for (let k = 1; k < frames; k++) distance += topDistance(values, classes, noise ? 0 : k - 1, k) / (frames - 1);
      expect(distance).toBeCloseTo(expected.top5Distance, 12);
      expect(flipProbability([argmax(values, classes)], noise)).toBeCloseTo(expected.flipProbability, 12);
    },
  );

  it('the distance is 0 from a ranking to itself, and 15 where all five are out', () => {
    const scores = Float32Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(topDistance(scores, 10, 0, 0)).toBe(0);
    expect(topDistance(scores, 10, 0, 1)).toBe(15);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 14, maxLength: 14 }), (values) => {
        const distance = topDistance(Float32Array.from(values), 7, 0, 1);
        // At most 18: the first three out, the fifth first, the fourth second.
        return distance >= 0 && distance <= 18;
      }),
    );
  });
});

describe('changes of predictions', () => {
  it('are taken apart into what is gained, lost and wrong otherwise', () => {
    expect(predictionChanges([0, 0, 0, 0, 0], [0, 0, 1, 1, 1], [0, 1, 0, 2, 1])).toEqual({
      n: 5,
      changed: 3,
      gained: 1,
      lost: 1,
      otherError: 1,
    });
  });

  it('turn round with the models', () => {
    const classes = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(classes, classes, classes, (labels, before, after) => {
        const there = predictionChanges(labels, before, after);
        const back = predictionChanges(labels, after, before);
        expect([back.changed, back.gained, back.lost]).toEqual([there.changed, there.lost, there.gained]);
      }),
    );
  });
});
