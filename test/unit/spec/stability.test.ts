import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../../src/engine/spec/resolve';
import { type Spec, specSchema } from '../../../src/engine/spec/schema';
import { resolveStability } from '../../../src/engine/spec/stability';

const spec = (change: Partial<Spec> = {}): Spec => ({ model: 'm.onnx', data: { test: { path: 'x.npz' } }, ...change });
const resolved = (change: Partial<Spec> = {}, options: Parameters<typeof resolveSpec>[2] = {}) =>
  resolveSpec(spec(change), '/work/robustness.yaml', options);

describe('stability', () => {
  it.each([
    [undefined, undefined],
    [false, undefined],
    [true, { names: null, frames: null, limit: 200 }],
    [{}, { names: null, frames: null, limit: 200 }],
    [
      { only: ['tilt' as const], frames: 5, limit: 10, reference: 'a.json' },
      { names: ['tilt'], frames: 5, limit: 10, reference: 'a.json' },
    ],
  ])('%j', (stability, expected) => {
    expect(resolved(stability === undefined ? {} : { stability }).stability).toEqual(expected);
  });

  it('is on in the preset thorough, which is said, unless the spec says no', () => {
    const thorough = resolved({}, { preset: 'thorough' });
    expect(thorough.stability?.limit).toBe(200);
    expect(thorough.inferred).toContain('flips along sequences are measured, since the suite is thorough');
    expect(resolved({ stability: false }, { preset: 'thorough' }).stability).toBeUndefined();
    expect(resolved({}, { preset: 'standard' }).stability).toBeUndefined();
  });

  it('is of classes: an error where a model predicts numbers, and nothing where it was not asked for', () => {
    expect(() => resolveStability({ stability: true }, 'regression', false, [])).toThrow(
      expect.objectContaining({ code: 'spec/stability' }),
    );
    expect(resolveStability({}, 'regression', true, [])).toEqual({});
  });

  it.each([
    ['an unknown sequence', { only: ['wobble'] }],
    ['no sequence', { only: [] }],
    ['one frame', { frames: 1 }],
    ['half a frame', { frames: 2.5 }],
    ['no examples', { limit: 0 }],
    ['a share above 1', { reference: { tilt: 1.5 } }],
    ['a share that is none', { reference: { tilt: 'often' } }],
    ['shares of what there is not', { reference: { wobble: 0.1 } }],
    ['an unknown setting', { severity: 3 }],
    ['a name alone', 'tilt'],
    ['a prototype', { reference: { constructor: 0.1 } }],
  ])('refuses %s', (_, stability) => {
    expect(specSchema.safeParse({ ...spec(), stability }).success).toBe(false);
  });
});

describe('baseline', () => {
  it('is found from the spec', () => {
    expect(resolved({ baseline: 'reports/v1.json' }).baseline).toBe('/work/reports/v1.json');
    expect(resolved().baseline).toBeUndefined();
    expect(specSchema.safeParse({ ...spec(), baseline: '' }).success).toBe(false);
  });

  it('is left aside for a model that predicts numbers, which is said', () => {
    const { baseline, inferred } = resolved({ baseline: 'v1.json', task: 'regression' });
    expect(baseline).toBeUndefined();
    expect(inferred).toContain('the baseline was left aside: what is held against it are predicted classes');
  });
});
