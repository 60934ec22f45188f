import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float } from '../../../../src/engine/onnx/attribute';
import type { GraphBuilder } from '../../../../src/engine/onnx/builder';
import { AttributeProto_AttributeType, AttributeProtoSchema } from '../../../../src/engine/onnx/generated/onnx_pb';
import { Random } from '../../../../src/engine/random';
import { gradientApart, graphOf, lower, type Native, numbersApart, operatorsOf, protoOf } from './lowered';

const kinds = { RNN: { gates: 1, functions: 1 }, GRU: { gates: 3, functions: 2 }, LSTM: { gates: 4, functions: 3 } };
type Kind = keyof typeof kinds;

/** Smooth ones, which agree with differences anywhere. */
const smooth = ['Sigmoid', 'Tanh', 'Softplus', 'Affine', 'ScaledTanh'];
const kinked = ['Relu', 'LeakyRelu', 'ThresholdedRelu', 'HardSigmoid', 'Elu', 'Softsign'];

interface Layer {
  kind: Kind;
  steps: number;
  batch: number;
  features: number;
  hidden: number;
  direction: 'forward' | 'reverse' | 'bidirectional';
  bias: boolean;
  lengths: 'none' | 'full' | 'shorter';
  initial: 'none' | 'zero' | 'random';
  peepholes: boolean;
  activations: readonly string[] | undefined;
  alphas: boolean;
  clip: number | undefined;
  coupled: boolean;
  linearBeforeReset: boolean;
  outputs: readonly number[];
  seed: number;
}

const layer = (names: readonly string[]) =>
  fc.record({
    kind: fc.constantFrom<Kind>('RNN', 'GRU', 'LSTM'),
    steps: fc.integer({ min: 1, max: 4 }),
    batch: fc.integer({ min: 1, max: 3 }),
    features: fc.integer({ min: 1, max: 3 }),
    hidden: fc.integer({ min: 1, max: 3 }),
    direction: fc.constantFrom('forward' as const, 'reverse' as const, 'bidirectional' as const),
    bias: fc.boolean(),
    lengths: fc.constantFrom('none' as const, 'full' as const, 'shorter' as const),
    initial: fc.constantFrom('none' as const, 'zero' as const, 'random' as const),
    peepholes: fc.boolean(),
    activations: fc.option(fc.array(fc.constantFrom(...names), { minLength: 6, maxLength: 6 }), { nil: undefined }),
    alphas: fc.boolean(),
    clip: fc.option(fc.constantFrom(0.3, 1, 5), { nil: undefined }),
    coupled: fc.boolean(),
    linearBeforeReset: fc.boolean(),
    outputs: fc.subarray([0, 1, 2], { minLength: 1 }),
    seed: fc.nat(1e6),
  });

const takesAlpha = new Set(['Affine', 'ScaledTanh', 'LeakyRelu', 'ThresholdedRelu', 'HardSigmoid', 'Elu']);
const takesBeta = new Set(['Affine', 'ScaledTanh', 'HardSigmoid']);

/** x [steps, batch, features] into a recurrent layer; its batch is fixed by constant states and lengths. */
function build(l: Layer): Native {
  const { gates, functions } = kinds[l.kind];
  const directions = l.direction === 'bidirectional' ? 2 : 1;
  const random = Random.of(l.seed, 'recurrent');
  const draw = (...dims: number[]) => ({
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 0.7 * random.normal()),
  });
  const weights: string[] = [];
  const graph = graphOf(['S', 'B', l.features], (b: GraphBuilder) => {
    const weight = (...dims: number[]) => {
      const { data } = draw(...dims);
      weights.push(b.constant({ type: 'float32', dims, data }));
      return weights.at(-1)!;
    };
    const state = () => {
      const { data, dims } = draw(directions, l.batch, l.hidden);
      return l.initial === 'none' ? '' : b.floats(l.initial === 'zero' ? data.map(() => 0) : data, dims);
    };
    const lengths = Int32Array.from({ length: l.batch }, () =>
      l.lengths === 'full' ? l.steps : 1 + random.integer(l.steps),
    );
    const inputs = [
      'x',
      weight(directions, gates * l.hidden, l.features),
      weight(directions, gates * l.hidden, l.hidden),
      l.bias ? weight(directions, 2 * gates * l.hidden) : '',
      l.lengths === 'none' ? '' : b.op('Cast', [b.ints(Array.from(lengths))], { to: 6 }),
      state(),
      l.kind === 'LSTM' ? state() : '',
      l.kind === 'LSTM' && l.peepholes ? weight(directions, 3 * l.hidden) : '',
    ];
    while (inputs.at(-1) === '') inputs.pop();
    const count = l.kind === 'LSTM' ? 3 : 2;
    const outputs = b.ops(l.kind, inputs, count, {
      hidden_size: l.hidden,
      direction: l.direction,
      ...(l.clip === undefined ? {} : { clip: float(l.clip) }),
      ...(l.kind === 'LSTM' && l.coupled ? { input_forget: 1 } : {}),
      ...(l.kind === 'GRU' && l.linearBeforeReset ? { linear_before_reset: 1 } : {}),
    });
    const node = b.graph.node.at(-1)!;
    if (l.activations) {
      const names = l.activations.slice(0, functions * directions);
      const strings = names.map((name) => new TextEncoder().encode(name));
      node.attribute.push(
        create(AttributeProtoSchema, { name: 'activations', type: AttributeProto_AttributeType.STRINGS, strings }),
      );
      for (const [which, takes] of [
        ['activation_alpha', takesAlpha],
        ['activation_beta', takesBeta],
      ] as const) {
        const values = names.filter((name) => takes.has(name)).map(() => random.between(0.3, 0.8));
        const type = AttributeProto_AttributeType.FLOATS;
        const list = create(AttributeProtoSchema, { name: which, type, floats: values });
        if (l.alphas && values.length > 0) node.attribute.push(list);
      }
    }
    const asked = l.outputs.filter((i) => i < count);
    return (asked.length > 0 ? asked : [0]).map((i) => outputs[i]!);
  });
  return { proto: protoOf(graph), graph, x: draw(l.steps, l.batch, l.features), batchAxis: 1, weights };
}

describe('recurrent layers', () => {
  it('give the numbers of the native operator', async () => {
    await fc.assert(
      fc.asyncProperty(layer([...smooth, ...kinked]), async (l) => {
        const native = build(l);
        const { graph, left } = await lower(native);
        expect(left).toEqual([]);
        expect(operatorsOf(graph)).not.toContain(l.kind);
        expect(await numbersApart(native, graph)).toBeLessThan(2e-5);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('have the gradient of the native operator, with respect to weights too', async () => {
    await fc.assert(
      fc.asyncProperty(layer(smooth), async (l) => {
        const native = build({ ...l, clip: undefined });
        const { graph } = await lower(native);
        expect(await gradientApart(native, graph)).toBeLessThan(0.01);
      }),
      { numRuns: 25, seed: 4 },
    );
  });
});
