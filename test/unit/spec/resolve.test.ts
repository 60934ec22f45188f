import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanCorruptions } from '../../../src/engine/metric/corruptionError';
import { parseFraction } from '../../../src/engine/spec/fraction';
import { resolveSpec, type SpecFacts } from '../../../src/engine/spec/resolve';
import type { Spec, ThreatModelSpec } from '../../../src/engine/spec/schema';

const spec = (more: Partial<Spec> = {}): Spec => ({ model: 'm.onnx', data: { test: { path: 'd.npz' } }, ...more });
const threat = (more: Partial<ThreatModelSpec> = {}): ThreatModelSpec => ({
  name: 't',
  norm: 'linf',
  epsilon: '8/255',
  ...more,
});

type Data = NonNullable<SpecFacts['data']>;
const images = (shape: readonly number[], more: Partial<Data> = {}): SpecFacts => ({
  data: { kind: 'image', shape, unit: 255, storedRange: [0, 255], classes: null, inferred: [], ...more },
});
const vectors: SpecFacts = {
  data: { kind: 'vector', shape: [4], unit: 1, storedRange: null, classes: ['a', 'b'], inferred: ['said by the data'] },
};

describe('fractions', () => {
  it.each([
    ['8/255', 8 / 255],
    [' 8 / 255 ', 8 / 255],
    [0.03, 0.03],
    ['1e-2', 0.01],
    ['.5', 0.5],
    [0, 0],
  ])('reads %j', (text, value) => {
    expect(parseFraction(text)).toBe(value);
  });

  it.each(['', '8/', '/255', '1/2/3', '8/0', '0/0', 'eight', '-1', '0x10', Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'refuses %j',
    (text) => {
      expect(() => parseFraction(text)).toThrow(expect.objectContaining({ code: 'spec/fraction' }));
    },
  );

  it('divides as numbers do', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (a, b) => {
        expect(parseFraction(`${a}/${b}`)).toBe(a / b);
      }),
    );
  });
});

describe('resolving a spec', () => {
  it.each([
    ['MNIST', images([1, 28, 28]), 0.3, '0.3', 'linf-0.3'],
    ['CIFAR', images([3, 32, 32]), 8 / 255, '8/255', 'linf-8'],
    ['larger images', images([3, 224, 224]), 4 / 255, '4/255', 'linf-4'],
    [
      'images in [-1, 1]',
      images([3, 32, 32], { unit: 1, storedRange: [-1, 1] }),
      16 / 255,
      '0.0627451',
      'linf-0.0627451',
    ],
    ['vectors', vectors, 0.1, '0.1', 'linf-0.1'],
  ])('fills the conventional threat model for %s, and says so', (_, facts, epsilon, text, name) => {
    const resolved = resolveSpec(spec(), '/w/robustness.yaml', {}, facts);
    const [only, ...others] = resolved.threatModels;
    expect(others).toEqual([]);
    expect(only).toMatchObject({ name, norm: 'linf', epsilonText: text, knowledge: 'white-box', suite: 'standard' });
    expect(only!.epsilon).toBeCloseTo(epsilon, 12);
    expect(resolved.threatModelStated).toBe(false);
    const words = resolved.inferred.join('\n');
    expect(words).toContain('no threat model was stated');
    expect(words).toContain(`ε = ${text}`);
  });

  it('names every setting that it filled, and none that was stated', () => {
    const silent = resolveSpec(spec(), '/w/robustness.yaml', {}, vectors).inferred.join('\n');
    for (const word of [
      'said by the data',
      'mean',
      'layout',
      'threat model',
      'white-box',
      'untargeted',
      'standard',
      'seed',
      'no bounds',
    ]) {
      expect(silent).toContain(word);
    }
    const stated = spec({
      preprocess: { mean: 0, std: 1, layout: 'nchw' },
      threatModels: [threat({ knowledge: 'white-box', goal: 'untargeted', suite: 'quick' })],
      corruptions: false,
      seed: 3,
    });
    expect(resolveSpec(stated, '/w/robustness.yaml', {}, images([3, 32, 32])).inferred).toEqual([]);
  });

  it('makes paths absolute, from the folder of the spec', () => {
    const resolved = resolveSpec(spec(), '/w/sub/robustness.yaml', {}, vectors);
    expect([resolved.modelPath, resolved.data.test.path]).toEqual(['/w/sub/m.onnx', '/w/sub/d.npz']);
    expect(resolved.specPath).toBe('/w/sub/robustness.yaml');
    expect(resolveSpec(spec(), null, { base: '/b' }).modelPath).toBe('/b/m.onnx');
  });

  it('chooses one model, and says when the spec is for another', () => {
    const two = spec({ models: ['a.onnx', 'b.onnx'] });
    delete two.model;
    expect(() => resolveSpec(two, '/w/r.yaml')).toThrow(expect.objectContaining({ code: 'spec/model' }));
    expect(resolveSpec(two, '/w/r.yaml', { modelPath: 'b.onnx' }).inferred.join()).not.toContain('written for');
    const other = resolveSpec(spec(), '/w/r.yaml', { modelPath: '/x/other.onnx' });
    expect(other.modelPath).toBe('/x/other.onnx');
    expect(other.inferred.join()).toMatch(/written for m\.onnx .* other\.onnx/);
  });

  it('takes bounds from the range in data units', () => {
    const bounds = (more: Partial<Spec>, facts: SpecFacts = {}) =>
      resolveSpec(spec({ threatModels: [threat()], ...more }), '/w/r.yaml', {}, facts).threatModels[0]!.bounds;
    expect(bounds({}, images([3, 32, 32]))).toEqual([0, 1]);
    expect(bounds({ data: { test: { path: 'd' }, range: [0, 16], unit: 8 } })).toEqual([0, 2]);
    expect(bounds({ threatModels: [threat({ bounds: [0.1, 0.9] })] }, images([3, 32, 32]))).toEqual([0.1, 0.9]);
    expect(bounds({}, vectors)).toBeNull();
  });

  it('lets options take the place of the spec', () => {
    const stated = spec({ threatModels: [threat({ knowledge: 'black-box-score' }), threat({ name: 'u' })], seed: 1 });
    const resolved = resolveSpec(
      stated,
      '/w/r.yaml',
      { epsilon: '4/255', preset: 'quick', limit: 7, seed: 5 },
      images([3, 32, 32]),
    );
    expect(resolved.threatModels).toHaveLength(1);
    expect(resolved.threatModels[0]).toMatchObject({
      name: 'linf-4',
      epsilon: 4 / 255,
      suite: 'quick',
      knowledge: 'black-box-score',
    });
    expect([resolved.threatModelStated, resolved.seed, resolved.data.test.limit]).toEqual([true, 5, 7]);
    // Another norm does not inherit the radius of the first.
    expect(resolveSpec(stated, '/w/r.yaml', { norm: 'l2' }, images([3, 32, 32])).threatModels[0]).toMatchObject({
      norm: 'l2',
      epsilon: 0.5,
    });
  });

  it('plans the attacks of each suite', () => {
    const attacks = (more: Partial<ThreatModelSpec>, facts: SpecFacts = {}) =>
      resolveSpec(spec({ threatModels: [threat(more)] }), '/w/r.yaml', {}, facts).threatModels[0]!.attacks.map(
        (attack) => `${attack.name} ${attack.iterations}x${attack.restarts} ${attack.targets ?? attack.queries}`,
      );
    const of = (classes: number): SpecFacts => ({
      data: { ...vectors.data!, classes: Array.from({ length: classes }, (_, k) => `class ${k}`) },
    });
    expect(attacks({ suite: 'quick' })).toEqual(['fgsm 1x1 0', 'pgd 20x1 0', 'apgd-ce 50x1 0', 'square 300x1 300']);
    // The schedule of AutoAttack's standard version (Croce & Hein 2020, §4; 2021, §5 for l1).
    const standard = ['apgd-ce 100x1 0', 'apgd-t 100x1 9', 'fab-t 100x1 9', 'square 5000x1 5000'];
    expect(attacks({}, of(10))).toEqual(standard);
    expect(attacks({ norm: 'l2' }, of(100))).toEqual(standard);
    expect(attacks({}, of(2))).toEqual(standard);
    expect(attacks({}, of(3))).toEqual([standard[0], 'apgd-dlr 100x1 0', ...standard.slice(1)]);
    // As long as nobody knows how many classes there are, the one for three stays, with its condition.
    expect(attacks({})).toEqual([standard[0], 'apgd-dlr 100x1 0', ...standard.slice(1)]);
    expect(attacks({ suite: 'rand' })).toEqual(['apgd-ce 100x1 0', 'apgd-dlr 100x1 0']);
    expect(attacks({ suite: 'plus' }, of(10))).toEqual([
      'apgd-ce 100x5 0',
      'apgd-dlr 100x5 0',
      'fab 100x5 0',
      ...['square 5000x1 5000', 'apgd-t 100x1 9', 'fab-t 100x1 9'],
    ]);
    const l1 = ['apgd-ce 100x5 0', 'apgd-t 100x1 5', 'fab-t 100x1 9', 'square 5000x1 5000'];
    expect(attacks({ norm: 'l1', epsilon: 12 }, of(10))).toEqual(l1);
    for (const suite of ['plus', 'thorough'] as const) {
      for (const five of ['apgd-ce 100x5 0', 'apgd-dlr 100x5 0', 'square 5000x1 5000'])
        expect(attacks({ suite })).toContain(five);
    }
    expect(attacks({ attacks: ['apgd-dlr'] }, of(10))).toEqual(['apgd-dlr 100x1 0']);
    expect(attacks({ knowledge: 'black-box-score', queries: 50 })).toEqual(['square 50x1 50']);
    expect(attacks({ attacks: ['apgd-dlr', 'pgd'], suite: 'quick', iterations: 9, restarts: 2 })).toEqual([
      'apgd-dlr 9x2 0',
      'pgd 9x2 0',
    ]);
    // DLR needs three classes; these data have two.
    expect(attacks({ suite: 'plus' }, vectors).join()).not.toContain('dlr');
    expect(attacks({ knowledge: 'black-box-decision', suite: 'quick' })).toEqual([
      'rays 500x1 500',
      'hopskipjump 1000x1 1000',
    ]);
    expect(attacks({ knowledge: 'black-box-decision', norm: 'l2', queries: 700 })).toEqual([
      'surfree 700x1 700',
      'hopskipjump 700x1 700',
    ]);
    expect(() => attacks({ knowledge: 'black-box-decision', norm: 'l1' })).toThrow(
      expect.objectContaining({ code: 'spec/no-attack' }),
    );
    expect(attacks({ norm: 'l0', epsilon: 3, suite: 'quick' })).toEqual(['sigma-zero 100x1 0', 'sparse-rs 300x1 300']);
    expect(attacks({ norm: 'l0', epsilon: 3, knowledge: 'black-box-score' })).toEqual(['sparse-rs 5000x1 5000']);
    expect(() => attacks({ knowledge: 'black-box-score', attacks: ['pgd'] })).toThrow(
      expect.objectContaining({ code: 'spec/no-attack' }),
    );
    // What was asked for is not quietly left out.
    expect(() => attacks({ attacks: ['pgd', 'cw'] })).toThrow(/asks for cw, which does not know the norm linf/);
  });

  it.each([
    [[1, 3, 32, 32], [3, 32, 32], 'nchw'],
    [['N', 48, 48, 3], [3, 48, 48], 'nhwc'],
    [[1, 784, 1], [1, 28, 28], 'flat'],
    [[1, 1, 1, 784], [1, 28, 28], 'flat'],
    [['N', 'a', 'b', 'c'], [3, 32, 32], 'nchw'],
  ])('reads the layout off the model input %j', (modelInput, shape, layout) => {
    const resolved = resolveSpec(spec(), '/w/r.yaml', {}, { ...images(shape), modelInput });
    expect(resolved.preprocess.layout).toBe(layout);
  });

  it('checks the number of channels in mean and std', () => {
    const wrong = spec({ preprocess: { mean: [0.5, 0.5], std: 1 } });
    expect(() => resolveSpec(wrong, '/w/r.yaml', {}, images([3, 32, 32]))).toThrow(
      expect.objectContaining({ code: 'spec/preprocess' }),
    );
    expect(resolveSpec(spec({ preprocess: { mean: [1, 2, 3, 4] } }), '/w/r.yaml', {}, vectors).preprocess.mean).toEqual(
      [1, 2, 3, 4],
    );
  });

  it('measures corruptions of images unless told not to', () => {
    const corruptions = (more: Partial<Spec>, facts: SpecFacts) =>
      resolveSpec(spec(more), '/w/r.yaml', {}, facts).corruptions;
    expect(corruptions({}, images([3, 32, 32]))?.severities).toEqual([1, 3, 5]);
    const names = (more: Partial<Spec>) => corruptions(more, images([3, 32, 32]))?.names;
    expect(names({})).toEqual(meanCorruptions);
    expect(names({ corruptions: { set: 'extra' } })).toEqual(['speckle_noise', 'gaussian_blur', 'spatter', 'saturate']);
    expect(names({ corruptions: { set: 'all' } })).toHaveLength(19);
    expect(corruptions({}, vectors)).toBeNull();
    expect(corruptions({ corruptions: false }, images([3, 32, 32]))).toBeNull();
    expect(corruptions({ corruptions: { only: ['contrast'], severities: [2] } }, images([3, 32, 32]))).toEqual({
      names: ['contrast'],
      severities: [2],
    });
  });
});

describe('what an attacker is after', () => {
  const classes = ['cat', 'dog', 'owl', 'fox'];
  const resolved = (more: Partial<ThreatModelSpec>, options: Parameters<typeof resolveSpec>[2] = {}) => {
    const written = spec({ threatModels: [threat(more)], data: { test: { path: 'd.npz' }, classes } });
    const { threatModels, inferred } = resolveSpec(
      written,
      '/specs/robustness.yaml',
      options,
      images([3, 8, 8], { classes }),
    );
    return { ...threatModels[0]!, inferred };
  };
  const goal = (...given: Parameters<typeof resolved>) => {
    const { goal, target } = resolved(...given);
    return [goal, target];
  };

  it('is any wrong class, unless a goal or a target is stated', () => {
    expect(goal({})).toEqual(['untargeted', undefined]);
    expect(goal({ goal: 'targeted' })).toEqual(['targeted', 'random']);
    expect(goal({ target: 'least-likely' })).toEqual(['targeted', 'least-likely']);
    expect(goal({ goal: 'targeted', target: 'owl' })).toEqual(['targeted', { class: 'owl' }]);
    expect(goal({ goal: 'targeted', target: 2 })).toEqual(['targeted', { class: 2 }]);
  });

  it('is said where it was filled in', () => {
    expect(resolved({}).inferred).toContain('t: the goal is untargeted');
    expect(resolved({ target: 'all' }).inferred).toContain('t: the goal is targeted');
    expect(resolved({ goal: 'targeted' }).inferred).toContain('t: the target is a random wrong class of each example');
    expect(resolved({ goal: 'targeted', target: 'all' }).inferred.join()).not.toMatch(/goal|target/);
  });

  it('can be given by options, in place of the spec', () => {
    expect(goal({}, { goal: 'targeted', target: 'all' })).toEqual(['targeted', 'all']);
    expect(goal({ goal: 'untargeted' }, { target: 'dog' })).toEqual(['targeted', { class: 'dog' }]);
    expect(goal({ goal: 'targeted', target: 'dog' }, { goal: 'untargeted' })).toEqual(['untargeted', undefined]);
    expect(goal({ goal: 'targeted', target: 'dog' }, { goal: 'targeted' })).toEqual(['targeted', { class: 'dog' }]);
  });

  it('cannot be a target and any class', () => {
    for (const run of [
      () => resolved({ goal: 'untargeted', target: 'dog' }),
      () => resolved({}, { goal: 'untargeted', target: 'dog' }),
    ]) {
      expect(run).toThrow(expect.objectContaining({ code: 'spec/target' }));
    }
  });

  it.each(['quick', 'standard', 'plus', 'rand', 'thorough'] as const)(
    'has attacks that lead to it in the suite %s',
    (suite) => {
      for (const norm of ['linf', 'l2', 'l1', 'l0'] as const) {
        const { attacks } = resolved({ goal: 'targeted', norm, epsilon: 1, suite });
        const names = attacks.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(names).not.toEqual(expect.arrayContaining(['apgd-dlr']));
        // One target each: more would be tried for nothing.
        expect(attacks.every(({ targets, onlyClasses }) => targets === undefined && onlyClasses === undefined)).toBe(
          true,
        );
      }
      expect(resolved({ goal: 'targeted', suite: 'standard' }).attacks.map(({ name }) => name)).toEqual([
        'apgd-ce',
        'apgd-t',
        'fab-t',
        'square',
      ]);
      expect(
        resolved({ goal: 'targeted', suite: 'plus' }).attacks.map(({ name, restarts }) => [name, restarts]),
      ).toEqual([
        ['apgd-ce', 5],
        ['apgd-t', 5],
        ['fab-t', 5],
        ['square', 1],
      ]);
      expect(resolved({ goal: 'targeted', suite: 'rand' }).attacks.map(({ name, eot }) => [name, eot])).toEqual([
        ['apgd-ce', 20],
        ['apgd-t', 20],
      ]);
    },
  );

  it('is out of reach of attacks that were not made for it, and of labels alone', () => {
    const impossible: Partial<ThreatModelSpec>[] = [
      { attacks: ['pgd', 'deepfool'] },
      { attacks: ['apgd-dlr'] },
      { knowledge: 'black-box-decision' },
      { knowledge: 'black-box-decision', attacks: ['surfree'] },
    ];
    for (const more of impossible) {
      const run = () => resolved({ goal: 'targeted', norm: 'l2', ...more });
      expect(run).toThrow(expect.objectContaining({ code: 'spec/no-attack' }));
    }
    expect(resolved({ goal: 'targeted', knowledge: 'black-box-score' }).attacks.map(({ name }) => name)).toEqual([
      'square',
    ]);
  });
});
