import fc from 'fast-check';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, normal, seed, values } from './draw';

export const convolutionCases: Cases = {};

const axis = fc.record({
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.nat(2),
  after: fc.nat(2),
  extra: fc.nat(4),
});
const axes = fc.oneof(
  { arbitrary: fc.array(axis, { minLength: 2, maxLength: 2 }), weight: 3 },
  { arbitrary: fc.array(axis, { minLength: 1, maxLength: 1 }), weight: 1 },
  { arbitrary: fc.array(axis, { minLength: 3, maxLength: 3 }), weight: 1 },
);
const general = fc.record({
  axes,
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.constantFrom(1, 1, 2, 3),
  ins: fc.integer({ min: 1, max: 2 }),
  outs: fc.integer({ min: 1, max: 2 }),
  auto: fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
  bias: fc.boolean(),
  trained: fc.boolean(),
  seed,
});

/** Three axes of the larger sizes would cost thousands of differences. */
const reach = ({ kernel, dilation }: { kernel: number; dilation: number }) => (kernel - 1) * dilation + 1;

/** The kernel is a number in the graph where it is not differentiated, as in deployed models. */
const trainable = (trained: boolean, bias: boolean) => (trained ? { weights: bias ? [1, 2] : [1] } : {});

const conv = general.map(({ axes: drawn, batch, group, ins, outs, auto, bias, trained, seed }): SingleNode => {
  const spatial = drawn.length === 3 ? drawn.map((a) => ({ ...a, kernel: Math.min(a.kernel, 2) })) : drawn;
  const each = <T>(of: (a: (typeof spatial)[number]) => T) => spatial.map(of);
  const [n, i, o] = spatial.length === 3 ? [1, 1, outs] : [batch, ins, outs];
  const dims = [n, i * group, ...each((a) => Math.max(1, reach(a) - (auto === 'VALID' ? 0 : 1) + a.extra))];
  return {
    op: 'Conv',
    x: { dims, data: values(dims, seed, normal) },
    inputs: [
      'x',
      constant([o * group, i, ...each((a) => a.kernel)], seed),
      ...(bias ? [constant([o * group], seed)] : []),
    ],
    attributes: {
      group,
      strides: each((a) => a.stride),
      // ONNX Runtime resolves SAME with dilations in its own way; exporters write numbers there.
      dilations: each((a) => (auto.startsWith('SAME') ? 1 : a.dilation)),
      ...(auto === 'NOTSET'
        ? { pads: [...each((a) => Math.max(1, a.before)), ...each((a) => a.after)] }
        : { auto_pad: auto }),
    },
    ...trainable(trained, bias),
  };
});

/** Shapes that deployed networks have, each of which may be differentiated in a form of its own. */
const usual = fc
  .record({
    form: fc.constantFrom(
      { kernel: 1, stride: 2, pad: 0, size: 6 },
      { kernel: 1, stride: 2, pad: 0, size: 5 },
      { kernel: 2, stride: 2, pad: 0, size: 6 },
      { kernel: 2, stride: 2, pad: 0, size: 7 },
      { kernel: 3, stride: 2, pad: 1, size: 6 },
      { kernel: 3, stride: 2, pad: 1, size: 7 },
      { kernel: 3, stride: 3, pad: 1, size: 7 },
      { kernel: 4, stride: 2, pad: 1, size: 8 },
      { kernel: 5, stride: 1, pad: 0, size: 5 },
      { kernel: 5, stride: 2, pad: 2, size: 7 },
      { kernel: 7, stride: 2, pad: 3, size: 8 },
    ),
    depthwise: fc.boolean(),
    // Where ONNX Runtime convolves in blocks of eight channels, and where it does not.
    channels: fc.constantFrom(3, 8, 9),
    trained: fc.boolean(),
    seed,
  })
  .map(({ form: { kernel, stride, pad, size }, depthwise, channels, trained, seed }): SingleNode => {
    const dims = [channels === 3 ? 2 : 1, channels, size, size];
    return {
      op: 'Conv',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', constant(depthwise ? [channels, 1, kernel, kernel] : [2, channels, kernel, kernel], seed)],
      attributes: { group: depthwise ? channels : 1, strides: [stride, stride], pads: [pad, pad, pad, pad] },
      ...trainable(trained, false),
    };
  });

convolutionCases.Conv = fc.oneof(conv, usual);

convolutionCases.ConvTranspose = fc
  .tuple(general, fc.constantFrom('plain', 'output_padding', 'output_shape'), fc.integer({ min: 0, max: 2 }))
  .map(([{ axes: drawn, batch, group, ins, outs, auto, bias, trained, seed }, way, more]): SingleNode => {
    const spatial = drawn.map((a) => ({ ...a, kernel: Math.min(a.kernel, 3), size: drawn.length === 3 ? 2 : 3 }));
    const each = <T>(of: (a: (typeof spatial)[number]) => T) => spatial.map(of);
    const dims = [batch, ins * group, ...each((a) => a.size)];
    const most = (a: (typeof spatial)[number]) => (a.size - 1) * a.stride + reach(a);
    const explicit = {
      pads: [
        ...each((a) => Math.min(a.before, a.kernel - 1, most(a) - 1)),
        ...each((a) => Math.min(a.after, Math.max(0, most(a) - 1 - Math.min(a.before, a.kernel - 1)), 1)),
      ],
    };
    const shaped = { output_shape: each((a) => Math.max(1, most(a) - more)) };
    const padding =
      way === 'output_shape'
        ? { ...shaped, ...(auto === 'NOTSET' || auto === 'VALID' ? {} : { auto_pad: auto }) }
        : auto === 'NOTSET'
          ? explicit
          : { auto_pad: auto };
    return {
      op: 'ConvTranspose',
      x: { dims, data: values(dims, seed, normal) },
      inputs: [
        'x',
        constant([ins * group, outs, ...each((a) => a.kernel)], seed),
        ...(bias ? [constant([outs * group], seed)] : []),
      ],
      attributes: {
        group,
        strides: each((a) => a.stride),
        dilations: each((a) => a.dilation),
        ...padding,
        ...(way === 'output_padding' ? { output_padding: each((a) => Math.min(1, a.stride - 1)) } : {}),
      },
      ...trainable(trained, bias),
    };
  });
