import { describe, expect, it } from 'vitest';
import type { EvaluationInference } from '../../../src/engine/evaluate/inferEvaluation';
import { specSchema } from '../../../src/engine/spec/schema';
import { type SpecAnswers, specFrom, specPathFor } from '../../../src/vscode/inspect/specFrom';

const inference: EvaluationInference = {
  data: { path: '/ws/data/test.npz' },
  facts: { count: 10, kind: 'image', shape: [1, 28, 28], storedRange: [0, 255], unit: 255, classes: null },
  preprocess: { mean: [0.1307], std: [0.3081], layout: 'nchw', channels: 'gray' },
  accuracy: 0.98,
  atChance: false,
  message: 'It fits.',
  threatModels: [],
  inferred: [],
};
const answers = (change: Partial<SpecAnswers> = {}): SpecAnswers => ({
  modelPath: '/ws/models/plain.onnx',
  source: { path: '/ws/data/test.npz', format: 'npz' },
  inference,
  norm: 'linf',
  epsilon: '8/255',
  ...change,
});
const source = { path: '/ws/data/test.npz', format: 'npz' } as const;

describe('specPathFor', () => {
  it('is the nearest folder that holds both model and data', () => {
    expect(specPathFor('/ws/models/plain.onnx', '/ws/data/test.npz', '/ws')).toBe('/ws/robustness.yaml');
    expect(specPathFor('/ws/a/plain.onnx', '/ws/a/data/test.npz', '/ws')).toBe('/ws/a/robustness.yaml');
  });

  it('stays with the model when the data are elsewhere', () => {
    expect(specPathFor('/ws/a/plain.onnx', '/data/test.npz', '/ws')).toBe('/ws/a/robustness.yaml');
    expect(specPathFor('/ws/a/plain.onnx', '/ws-2/test.npz', '/ws')).toBe('/ws/a/robustness.yaml');
  });
});

describe('specFrom', () => {
  it('is a valid spec with paths relative to it and one value for equal channels', () => {
    const spec = specFrom(answers(), source, '/ws/robustness.yaml');
    expect(specSchema.parse(spec)).toEqual({
      model: 'models/plain.onnx',
      task: 'classification',
      data: { test: { path: 'data/test.npz', format: 'npz' }, unit: 255, range: [0, 255] },
      preprocess: { mean: 0.1307, std: 0.3081, layout: 'nchw', channels: 'gray' },
      threatModels: [{ name: 'linf-8-255', norm: 'linf', epsilon: '8/255' }],
      seed: 0,
    });
  });

  it('keeps a value a channel where they differ', () => {
    const preprocess = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.2, 0.2], layout: 'nchw', channels: 'rgb' } as const;
    const spec = specFrom(answers({ inference: { ...inference, preprocess } }), source, '/ws/robustness.yaml');
    expect(spec.preprocess).toEqual({ mean: [0.4, 0.5, 0.6], std: 0.2, layout: 'nchw' });
  });

  it('writes no pre-processing that fits no better than guessing', () => {
    const spec = specFrom(answers({ inference: { ...inference, atChance: true } }), source, '/ws/robustness.yaml');
    expect(spec.preprocess).toBeUndefined();
  });

  it('of texts states edits, and no unit, range or pre-processing', () => {
    const facts = { ...inference.facts, kind: 'text', shape: [120], storedRange: null, unit: 1 } as const;
    const texts = { path: '/ws/data/test.csv', format: 'csv' } as const;
    const change = { source: texts, inference: { ...inference, facts }, norm: 'edits', epsilon: '2' } as const;
    expect(specSchema.parse(specFrom(answers(change), texts, '/ws/robustness.yaml'))).toEqual({
      model: 'models/plain.onnx',
      task: 'classification',
      data: { test: { path: 'data/test.csv', format: 'csv' } },
      threatModels: [{ name: 'edits-2', norm: 'edits', epsilon: 2 }],
      seed: 0,
    });
  });
});
