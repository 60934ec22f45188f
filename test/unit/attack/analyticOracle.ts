import type { AttackThreat, GradientResult, LossName, Oracle } from '../../../src/engine/attack/types';
import { Random } from '../../../src/engine/random';

/** A classifier with one hidden ReLU layer, or none: small enough that gradients are written out by hand. */
export interface Network {
  readonly inputs: number;
  readonly classes: number;
  /** [hidden, inputs] and [hidden]; null for a linear classifier. */
  readonly hidden: { readonly weight: Float64Array; readonly bias: Float64Array } | null;
  /** [classes, hidden or inputs] and [classes] */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

export function randomNetwork(inputs: number, classes: number, hidden: number, seed: number): Network {
  const random = Random.of(seed, 'network');
  const normal = (n: number, scale: number) => Float64Array.from({ length: n }, () => scale * random.normal());
  const width = hidden === 0 ? inputs : hidden;
  return {
    inputs,
    classes,
    hidden: hidden === 0 ? null : { weight: normal(hidden * inputs, inputs ** -0.5), bias: normal(hidden, 0.1) },
    weight: normal(classes * width, width ** -0.5),
    bias: normal(classes, 0.1),
  };
}

function affine(weight: Float64Array, bias: Float64Array, x: ArrayLike<number>): Float64Array {
  return bias.map((b, row) => {
    let sum = b;
    for (let i = 0; i < x.length; i++) sum += weight[row * x.length + i]! * x[i]!;
    return sum;
  });
}

function transposed(weight: Float64Array, columns: number, v: Float64Array): Float64Array {
  const out = new Float64Array(columns);
  v.forEach((value, row) => {
    for (let i = 0; i < columns; i++) out[i]! += weight[row * columns + i]! * value;
  });
  return out;
}

export function scores(network: Network, x: ArrayLike<number>): Float64Array {
  const { hidden, weight, bias } = network;
  return affine(weight, bias, hidden === null ? x : affine(hidden.weight, hidden.bias, x).map((v) => Math.max(0, v)));
}

export function predict(network: Network, x: Float32Array): Int32Array {
  const n = x.length / network.inputs;
  return Int32Array.from({ length: n }, (_, i) => {
    const row = scores(network, x.subarray(i * network.inputs, (i + 1) * network.inputs));
    return row.indexOf(Math.max(...row));
  });
}

/** Loss and its gradient with respect to the logits. */
function lossOf(name: LossName, z: Float64Array, y: number, aim: Float32Array): { loss: number; slope: Float64Array } {
  const slope = new Float64Array(z.length);
  const order = Array.from(z.keys()).sort((a, b) => z[b]! - z[a]!);
  if (name === 'linear') return { loss: z.reduce((sum, v, k) => sum + aim[k]! * v, 0), slope: Float64Array.from(aim) };
  if (name === 'ce-targeted') {
    const away = lossOf('ce', z, aim.indexOf(1), aim);
    return { loss: -away.loss, slope: away.slope.map((v) => -v) };
  }
  if (name === 'margin-targeted') {
    const away = lossOf('margin', z, aim.indexOf(1), aim);
    return { loss: -away.loss, slope: away.slope.map((v) => -v) };
  }
  if (name === 'dlr-targeted') {
    const target = aim.indexOf(1);
    const [first, , third, fourth] = order as [number, number, number, number];
    const spread = z[first]! - (z[third]! + z[fourth]!) / 2 + 1e-12;
    const loss = (z[target]! - z[y]!) / spread;
    slope[target]! += 1 / spread;
    slope[y]! -= 1 / spread;
    slope[first]! -= loss / spread;
    slope[third]! += loss / spread / 2;
    slope[fourth]! += loss / spread / 2;
    return { loss, slope };
  }
  const other = order[0] === y ? order[1]! : order[0]!;
  if (name === 'ce') {
    const top = z[order[0]!]!;
    const sum = z.reduce((s, v) => s + Math.exp(v - top), 0);
    z.forEach((v, k) => {
      slope[k] = Math.exp(v - top) / sum - (k === y ? 1 : 0);
    });
    return { loss: Math.log(sum) + top - z[y]!, slope };
  }
  const gap = z[other]! - z[y]!;
  if (name === 'margin') {
    slope[other] = 1;
    slope[y] = -1;
    return { loss: gap, slope };
  }
  const [first, third] = [order[0]!, order[2]!];
  const spread = z[first]! - z[third]! + 1e-12;
  slope[other]! += 1 / spread;
  slope[y]! -= 1 / spread;
  slope[first]! -= gap / spread ** 2;
  slope[third]! += gap / spread ** 2;
  return { loss: gap / spread, slope };
}

/** An oracle with exact gradients. `gradientScale` 0 masks the gradient completely, as a quantised network does. */
export function analyticOracle(network: Network, gradientScale = 1, exampleShape?: readonly number[]): Oracle {
  const { inputs, classes, hidden, weight } = network;
  const counts = { forwards: 0, backwards: 0 };
  const rows = (x: Float32Array) =>
    Array.from({ length: x.length / inputs }, (_, i) => x.subarray(i * inputs, (i + 1) * inputs));
  return {
    classes,
    exampleShape: exampleShape ?? [inputs],
    exampleSize: inputs,
    differentiable: true,
    batchSize: 64,
    counts,
    async logits(x) {
      counts.forwards += x.length / inputs;
      return Float32Array.from(rows(x).flatMap((row) => Array.from(scores(network, row))));
    },
    async gradient(x, y, name, aim): Promise<GradientResult> {
      const n = y.length;
      counts.forwards += n;
      counts.backwards += n;
      const logits = new Float32Array(n * classes);
      const loss = new Float32Array(n);
      const gradient = new Float32Array(n * inputs);
      rows(x).forEach((row, i) => {
        const z = scores(network, row);
        logits.set(z, i * classes);
        const result = lossOf(name, z, y[i]!, aim?.subarray(i * classes, (i + 1) * classes) ?? new Float32Array(0));
        loss[i] = result.loss;
        let back: Float64Array;
        if (hidden === null) {
          back = transposed(weight, inputs, result.slope);
        } else {
          const before = affine(hidden.weight, hidden.bias, row);
          const through = transposed(weight, before.length, result.slope).map((v, k) => (before[k]! > 0 ? v : 0));
          back = transposed(hidden.weight, inputs, through);
        }
        gradient.set(
          back.map((v) => v * gradientScale),
          i * inputs,
        );
      });
      return { logits, loss, gradient };
    },
  };
}

/** Points in [low, high]^inputs with the labels that the network gives them. */
export function randomExamples(network: Network, n: number, seed: number, low = 0, high = 1) {
  const random = Random.of(seed, 'examples');
  const x = Float32Array.from({ length: n * network.inputs }, () => random.between(low, high));
  return { x, y: predict(network, x), indices: Int32Array.from({ length: n }, (_, i) => i) };
}

/**
 * Smallest perturbation that changes a linear classifier's mind where the data have no bounds: the least, over the other
 * classes, of margin / dual norm of the difference of weights.
 */
export function minimalPerturbation(network: Network, x: Float32Array, y: number, norm: AttackThreat['norm']): number {
  const z = scores(network, x);
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < network.classes; k++) {
    if (k === y) continue;
    const difference = Array.from(x, (_, i) => network.weight[k * x.length + i]! - network.weight[y * x.length + i]!);
    const dual =
      norm === 'linf'
        ? difference.reduce((s, v) => s + Math.abs(v), 0)
        : norm === 'l2'
          ? Math.hypot(...difference)
          : Math.max(...difference.map(Math.abs));
    least = Math.min(least, (z[y]! - z[k]!) / dual);
  }
  return least;
}
