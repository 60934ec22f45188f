import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../../src/engine/spec/resolve';
import type { ResolvedSpec, Spec, ThreatModelSpec } from '../../../src/engine/spec/schema';
import { type SpecChanges, strengthen } from '../../../src/engine/spec/strengthen';

const classes = Array.from({ length: 10 }, (_, i) => String(i));

function spec(...threatModels: ThreatModelSpec[]): ResolvedSpec {
  const written: Spec = { model: 'm.onnx', data: { test: { path: 'd.npz' }, classes }, threatModels };
  return resolveSpec(written, '/specs/robustness.yaml', {});
}
const linf = (more: Partial<ThreatModelSpec> = {}): ThreatModelSpec => ({
  name: 'a',
  norm: 'linf',
  epsilon: 0.1,
  suite: 'quick',
  ...more,
});
const names = ({ threatModels }: ResolvedSpec, k = 0) => threatModels[k]?.attacks.map(({ name }) => name);

describe('strengthen', () => {
  it('gives the suite to the threat models that it names alone, and drops the attacks that the spec chose', () => {
    const before = spec(linf({ attacks: ['pgd'] }), linf({ name: 'b', norm: 'l2' }));
    const after = strengthen(before, [{ threatModels: ['a'], suite: 'standard' }], 10);
    expect(names(after)).toEqual(['apgd-ce', 'apgd-t', 'fab-t', 'square']);
    expect(after.threatModels[0]).toMatchObject({ suite: 'standard', epsilon: 0.1 });
    expect(after.threatModels[1]).toBe(before.threatModels[1]);
    expect(after.inferred.at(-1)).toBe('a: the suite standard, which the spec does not say');
    const all = strengthen(before, [{ suite: 'thorough' }], 10);
    expect(all.threatModels.map(({ suite, minimalNorm }) => [suite, minimalNorm])).toEqual([
      ['thorough', true],
      ['thorough', true],
    ]);
  });

  it('raises budgets and never lowers one', () => {
    const after = strengthen(spec(linf()), [{ iterations: 40, restarts: 3, queries: 200 }], 10);
    const budgets = after.threatModels[0]?.attacks.map((a) => [a.name, a.iterations, a.restarts, a.queries]);
    expect(budgets).toEqual([
      ['fgsm', 1, 1, 0],
      ['pgd', 40, 3, 0],
      ['apgd-ce', 50, 3, 0],
      ['square', 300, 1, 300],
    ]);
  });

  it('adds attacks behind those that ran, where they fit the norm, the knowledge and the classes', () => {
    const before = spec(
      linf({ attacks: ['pgd'] }),
      linf({ name: 'sparse', norm: 'l0', epsilon: 3 }),
      linf({ name: 'box', knowledge: 'black-box-score' }),
    );
    const after = strengthen(before, [{ addAttacks: ['apgd-dlr', 'square', 'pgd', 'square'] }], 10);
    expect(names(after)).toEqual(['pgd', 'apgd-dlr', 'square']);
    expect(names(after, 1)).toEqual(names(before, 1));
    expect(names(after, 2)).toEqual(['square']);
    expect(names(strengthen(before, [{ addAttacks: ['apgd-dlr', 'square'] }], 2))).toEqual(['pgd', 'square']);
  });

  it.each<[string, SpecChanges]>([
    ['a threat model that there is not', { threatModels: ['gone'], suite: 'standard' }],
    ['an attack that there is not', { addAttacks: ['__proto__'] }],
    ['iterations beyond all measure', { iterations: 10_001 }],
    ['restarts beyond all measure', { restarts: 1e9 }],
    ['queries beyond all measure', { queries: Number.MAX_SAFE_INTEGER }],
    ['what the evaluation has already', { suite: 'quick', iterations: 1 }],
  ])('refuses %s', (_, changes) => {
    expect(() => strengthen(spec(linf()), [changes], 10)).toThrow(expect.objectContaining({ code: 'spec/changes' }));
  });

  it('refuses a list without end', () => {
    const endless = new Array<SpecChanges>(51).fill({ suite: 'standard' });
    expect(() => strengthen(spec(linf()), endless, 10)).toThrow(expect.objectContaining({ code: 'spec/changes' }));
  });

  it('adds one change to another, and keeps them for the next', () => {
    const changes: SpecChanges[] = [
      { iterations: 60 },
      { iterations: 60 },
      { addAttacks: ['apgd-dlr'] },
      { limit: 500 },
    ];
    const after = strengthen(spec(linf()), changes, 10);
    expect(after.threatModels[0]?.attacks.map((a) => [a.name, a.iterations])).toEqual([
      ['fgsm', 1],
      ['pgd', 60],
      ['apgd-ce', 60],
      ['square', 300],
      ['apgd-dlr', 100],
    ]);
    expect(after.changes).toEqual(changes);
    expect(after.inferred.at(-1)).toBe('500 examples, which the spec does not say');
  });

  it('makes an attacker of one class one of any, with all attacks of the suite', () => {
    const before = spec(linf({ goal: 'targeted', target: 'all', attacks: ['pgd'] }), linf({ name: 'b' }));
    const after = strengthen(before, [{ threatModels: ['a'], goal: 'untargeted' }], 10);
    expect(after.threatModels[0]).toMatchObject({ goal: 'untargeted', suite: 'quick' });
    expect(after.threatModels[0]).not.toHaveProperty('target');
    expect(names(after)).toEqual(['fgsm', 'pgd', 'apgd-ce', 'square']);
    expect(after.threatModels[1]).toBe(before.threatModels[1]);
    expect(after.inferred.at(-1)).toBe('a: any wrong class, which the spec does not say');
    expect(() => strengthen(after, [{ threatModels: ['a'], goal: 'untargeted' }], 10)).toThrow(
      expect.objectContaining({ code: 'spec/changes' }),
    );
  });

  it('keeps the target, and adds no attack that cannot be told of it', () => {
    const before = spec(linf({ goal: 'targeted', target: 3 }));
    const after = strengthen(before, [{ suite: 'standard', addAttacks: ['fab', 'apgd-dlr', 'mt-pgd'] }], 10);
    expect(after.threatModels[0]).toMatchObject({ goal: 'targeted', target: { class: 3 } });
    expect(names(after)).toEqual(['apgd-ce', 'apgd-t', 'fab-t', 'square', 'mt-pgd']);
  });
});
