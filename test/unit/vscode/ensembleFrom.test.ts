import { describe, expect, it } from 'vitest';
import { specSchema } from '../../../src/engine/spec/schema';
import { ensembleFrom, isSpecFile, subjectOf } from '../../../src/vscode/inspect/ensembleFrom';

const spec = specSchema.parse({
  model: 'models/a.onnx',
  data: { test: { path: 'data/test.npz' } },
  preprocess: { mean: 0.5 },
  threatModels: [{ name: 'linf', norm: 'linf', epsilon: 0.1 }],
  gates: ['clean.accuracy >= 0.9'],
  baseline: 'old.robustness.json',
});

describe('a spec of several models as one', () => {
  it('has the data and threat models of another, and neither its gates nor its baseline', () => {
    const made = ensembleFrom(['/w/models/a.onnx', '/w/models/sub/b.onnx'], spec, '/w');
    expect(made.path).toBe('/w/a+b.robustness.yaml');
    expect(made.spec).toEqual({
      ensemble: { members: ['models/a.onnx', 'models/sub/b.onnx'], combine: 'mean-probabilities' },
      data: spec.data,
      preprocess: spec.preprocess,
      threatModels: spec.threatModels,
    });
    expect(specSchema.safeParse(made.spec).success).toBe(true);
  });

  it('is called by how many they are where their names would be long', () => {
    const many = Array.from({ length: 8 }, (_, i) => `/w/a-rather-long-name-${i}.onnx`);
    expect(ensembleFrom(many, spec, '/w').path).toBe('/w/ensemble-of-8.robustness.yaml');
  });
});

describe('what a spec evaluates', () => {
  it('is its model, its ensemble, or the spec where there are several', () => {
    expect(subjectOf(spec, '/w/robustness.yaml', null)).toBe('/w/models/a.onnx');
    expect(subjectOf(spec, '/w/robustness.yaml', '/w/duo.ensemble')).toBe('/w/duo.ensemble');
    const several = { ...spec, model: undefined, models: ['a.onnx', 'b.onnx'] };
    expect(subjectOf(several, '/w/robustness.yaml', null)).toBe('/w/robustness.yaml');
  });

  it.each(['/w/robustness.yaml', '/w/robustness.json', 'robustness.yml', '/w/duo.robustness.yaml'])(
    'is asked of %s',
    (path) => {
      expect(isSpecFile(path)).toBe(true);
    },
  );

  // A report ends in `.robustness.json`.
  it.each(['/w/a.onnx', '/w/.robustness/a.robustness.json', '/w/other.yaml', '/w/robustness.yaml.bak'])(
    'is not asked of %s',
    (path) => {
      expect(isSpecFile(path)).toBe(false);
    },
  );
});
