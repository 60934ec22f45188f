import { describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../src/engine/error';
import { parseSpec } from '../../../src/engine/spec/read';
import { resolveEnsemble } from '../../../src/engine/spec/resolveEnsemble';
import { renderSpec } from '../../../src/engine/spec/write';

const data = 'data: {test: {path: d.npz}}\n';
const parse = (ensemble: string) => parseSpec(`ensemble: ${ensemble}\n${data}`, 'spec.yaml');

function refusal(ensemble: string): string {
  try {
    parse(ensemble);
  } catch (error) {
    if (RobustnessError.is(error)) return `${error.code}: ${error.message} ${error.hint}`;
    throw error;
  }
  return 'nothing';
}

describe('the ensemble of a spec', () => {
  it('has members with paths of their own, and weights that sum to 1', () => {
    const spec = parse(
      '{members: [a.onnx, {path: sub/b.onnx, preprocess: {mean: 0.5, layout: nhwc}, output: y}], combine: vote, weights: [3, 1]}',
    );
    expect(resolveEnsemble(spec.ensemble!, '/base', 'spec.yaml')).toEqual({
      name: 'a+b',
      combine: 'vote',
      members: [
        { path: '/base/a.onnx' },
        { path: '/base/sub/b.onnx', preprocess: { mean: 0.5, layout: 'nhwc' }, output: 'y' },
      ],
      weights: [0.75, 0.25],
    });
  });

  it('is called by its name, by those of its members, or by their number', () => {
    const named = (names: readonly string[], name?: string) =>
      resolveEnsemble({ members: names, combine: 'vote', ...(name === undefined ? {} : { name }) }, '/', 's').name;
    expect(named(['a.onnx', 'b.onnx'], 'duo')).toBe('duo');
    expect(named(['x/plain.onnx', 'robust.onnx'])).toBe('plain+robust');
    expect(named(Array.from({ length: 9 }, (_, i) => `a-rather-long-name-${i}.onnx`))).toBe('ensemble-of-9');
  });

  it('survives being written and read', () => {
    const spec = parse('{members: [a.onnx, b.onnx], combine: mean-logits, name: duo}');
    expect(parseSpec(renderSpec(spec), 'spec.yaml')).toEqual(spec);
  });

  it.each([
    ['{members: [], combine: vote}', 'spec/ensemble', 'no members'],
    ['{members: [a.onnx], combine: vote}', 'spec/ensemble', 'one member'],
    ['{members: [a.onnx, ./a.onnx], combine: vote}', 'spec/ensemble', 'a.onnx is a member of the ensemble twice'],
    ['{members: [a.onnx, {path: x/../a.onnx}], combine: vote}', 'spec/ensemble', 'twice'],
    ['{members: [a.onnx, b.onnx], combine: vote, weights: [1]}', 'spec/ensemble', '2 members and 1 weights'],
    ['{members: [a.onnx, b.onnx], combine: vote, weights: [1, -1]}', 'spec/ensemble', 'weight -1'],
    ['{members: [a.onnx, b.onnx], combine: vote, weights: [1, 0]}', 'spec/ensemble', 'weight 0'],
    ['{members: [a.onnx, b.onnx], combine: vote, weights: [.inf, 1]}', 'spec/', 'weights'],
    ['{members: [a.onnx, b.onnx], combine: vote, weights: [.nan, 1]}', 'spec/', 'weights'],
    [
      `{members: [${Array.from({ length: 17 }, (_, i) => `m${i}.onnx`).join(', ')}], combine: vote}`,
      'spec/ensemble',
      '17 members',
    ],
    ['{members: [a.onnx, b.onnx]}', 'spec/invalid', 'combine'],
    ['{members: [a.onnx, b.onnx], combine: median}', 'spec/invalid', 'combine'],
    ['{members: a.onnx, combine: vote}', 'spec/invalid', 'members'],
    ['{members: [a.onnx, 3], combine: vote}', 'spec/invalid', 'members'],
    ['{members: [a.onnx, {path: b.onnx, preproces: {mean: 1}}], combine: vote}', 'spec/unknown-key', 'preprocess'],
    ['{members: [a.onnx, {path: b.onnx, preprocess: {resize: [3, 3]}}], combine: vote}', 'spec/unknown-key', 'resize'],
    ['{members: [a.onnx, b.onnx], combine: vote, name: ../../etc/x}', 'spec/invalid', 'name'],
    ['{members: [a.onnx, b.onnx], combine: vote, name: ""}', 'spec/invalid', 'name'],
    ['{members: [a.onnx, b.onnx], combine: vote, wieghts: [1, 1]}', 'spec/unknown-key', 'weights'],
  ])('refuses %s', (ensemble, code, words) => {
    expect(refusal(ensemble)).toMatch(new RegExp(`^${code}`));
    expect(refusal(ensemble)).toContain(words);
  });

  it('stands in the place of `model` and `models`', () => {
    const both = (other: string) => () =>
      parseSpec(`${other}\nensemble: {members: [a.onnx, b.onnx], combine: vote}\n${data}`, 'spec.yaml');
    expect(both('model: c.onnx')).toThrow('has both `model` and `ensemble`');
    expect(both('models: [c.onnx]')).toThrow('has both `models` and `ensemble`');
    expect(() => parseSpec(data, 'spec.yaml')).toThrow('names no model');
  });
});
