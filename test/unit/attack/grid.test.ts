import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epsilonGrid, MinimalEpsilon, unboundedThreat } from '../../../src/engine/attack/grid';
import { attackByName, attacks } from '../../../src/engine/attack/registry';
import { unsuitable } from '../../../src/engine/attack/request';
import { RobustnessError } from '../../../src/engine/error';
import { attackNames } from '../../../src/engine/spec/schema';

describe('ε of the curve', () => {
  it('are multiples of ε from 0', () => {
    expect(epsilonGrid({ norm: 'linf', epsilon: 0.125, bounds: [0, 1] })).toEqual([
      0, 0.03125, 0.0625, 0.09375, 0.125, 0.1875, 0.25, 0.5,
    ]);
  });

  it('stop where the data range does, which for l2 depends on the size of an example', () => {
    expect(epsilonGrid({ norm: 'linf', epsilon: 0.4, bounds: [0, 1] }).at(-1)).toBe(1);
    const threat = { norm: 'l2', epsilon: 2, bounds: [0, 1] } as const;
    expect(epsilonGrid(threat, 9).at(-1)).toBe(3);
    expect(epsilonGrid(threat, 784).at(-1)).toBe(8);
  });

  it('rise, start at 0 and hold the threat itself', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('linf', 'l2', 'l1'),
        fc.double({ min: 1e-4, max: 300, noNaN: true }),
        fc.boolean(),
        fc.integer({ min: 1, max: 1000 }),
        (norm, epsilon, bounded, size) => {
          const grid = epsilonGrid({ norm, epsilon, bounds: bounded ? [0, 1] : null } as const, size);
          expect(grid[0]).toBe(0);
          expect(grid).toContain(epsilon);
          expect(grid.every((e, i) => i === 0 || e > grid[i - 1]!)).toBe(true);
        },
      ),
    );
  });
});

describe('unbounded threat', () => {
  it('has all of the data range', () => {
    expect(unboundedThreat({ norm: 'l2', epsilon: 0.5, bounds: [0, 1] }).epsilon).toBe(Number.POSITIVE_INFINITY);
    expect(unboundedThreat({ norm: 'l2', epsilon: 0.5, bounds: null }).epsilon).toBe(50);
  });
});

describe('minimal ε', () => {
  it('gives a curve that never rises, whatever the order of the finds', () => {
    const finds = fc.array(fc.tuple(fc.nat(9), fc.double({ min: 0, max: 1, noNaN: true })));
    fc.assert(
      fc.property(finds, (pairs) => {
        const minimal = new MinimalEpsilon(10);
        for (const [example, epsilon] of pairs) minimal.record(example, epsilon);
        const curve = [0, 0.1, 0.3, 0.6, 1].map((e) => minimal.standing(e));
        expect(curve.every((c, i) => i === 0 || c <= curve[i - 1]!)).toBe(true);
        expect(minimal.standing(1)).toBe(10 - new Set(pairs.map(([example]) => example)).size);
        for (const [example, epsilon] of pairs) expect(minimal.broken(example, epsilon)).toBe(true);
      }),
    );
  });
});

describe('registry', () => {
  it('holds exactly the attacks that a spec may name, each with a source', () => {
    expect(attacks.map((a) => a.name).sort()).toEqual([...attackNames].sort());
    for (const name of attackNames) expect(attackByName(name).source).toMatch(/\d{4}/);
  });

  it('knows no other', () => {
    expect(() => attackByName('apgd')).toThrow(RobustnessError);
  });

  it('says which attacks fit', () => {
    const fitting = (classes: number, differentiable: boolean, norm: 'linf' | 'l1' | 'l0') =>
      attacks.filter((a) => unsuitable(a, { norm, classes, differentiable }) === null).map((a) => a.name);
    expect(fitting(10, true, 'linf')).toEqual(expect.arrayContaining(['fgsm', 'pgd', 'apgd-dlr', 'apgd-t', 'square']));
    expect(fitting(2, true, 'linf')).not.toContain('apgd-dlr');
    expect(fitting(10, false, 'linf')).toEqual(['square', 'rays', 'hopskipjump']);
    expect(fitting(10, false, 'l1')).toEqual(['square']);
    expect(fitting(10, true, 'l0')).toEqual(['sigma-zero', 'sparse-rs']);
    const byLabels = { norm: 'l2', classes: 3, differentiable: false, labelsOnly: true } as const;
    expect(attacks.filter((a) => unsuitable(a, byLabels) === null).map((a) => a.name)).toEqual([
      'surfree',
      'hopskipjump',
    ]);
  });
});
