import { TestModel, wave } from '../model';

export interface TransformerShape {
  readonly length: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly classes: number;
}

/**
 * A transformer encoder on [N, length, width] as exporters write it: operators of opset 17, Gelu by Erf, residual sums,
 * normalisation behind them, the mean over positions classified.
 */
export function transformer({ length, width, heads, layers, classes }: TransformerShape) {
  const m = new TestModel(['N', length, width]);
  const b = m.builder;
  let phase = 0;
  const weights = (dims: readonly number[], scale: number, shift = 0) =>
    b.floats(
      wave(
        dims.reduce((a, d) => a * d, 1),
        phase++,
      ).map((v) => shift + scale * v),
      dims,
    );
  const dense = (x: string, from: number, to: number) =>
    m.op('Add', [weights([to], 0.1), m.op('MatMul', [x, weights([from, to], 1 / Math.sqrt(from))])]);
  const normalised = (x: string) =>
    m.op('LayerNormalization', [x, weights([width], 0.3, 1), weights([width], 0.1)], { axis: -1, epsilon: 1.5e-5 });
  const split = (x: string, perm: readonly number[]) =>
    m.op('Transpose', [m.op('Reshape', [x, b.ints([0, 0, heads, width / heads])])], { perm });
  let x = normalised('x');
  for (let layer = 0; layer < layers; layer++) {
    const q = split(dense(x, width, width), [0, 2, 1, 3]);
    const k = split(dense(x, width, width), [0, 2, 3, 1]);
    const v = split(dense(x, width, width), [0, 2, 1, 3]);
    const scores = m.op('Div', [m.op('MatMul', [q, k]), b.scalar(Math.sqrt(width / heads))]);
    const mixed = m.op('MatMul', [m.op('Softmax', [scores], { axis: -1 }), v]);
    const joined = m.op('Reshape', [m.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), b.ints([0, 0, width])]);
    x = normalised(m.op('Add', [dense(joined, width, width), x]));
    const hidden = dense(x, width, 4 * width);
    const erf = m.op('Erf', [m.op('Div', [hidden, b.scalar(Math.SQRT2)])]);
    const gelu = m.op('Mul', [m.op('Mul', [hidden, m.op('Add', [erf, b.scalar(1)])]), b.scalar(0.5)]);
    x = normalised(m.op('Add', [dense(gelu, 4 * width, width), x]));
  }
  const pooled = m.op('ReduceMean', [x, b.ints([1])], { keepdims: 0 });
  return m.finish(dense(pooled, width, classes), ['N', classes], 18);
}
