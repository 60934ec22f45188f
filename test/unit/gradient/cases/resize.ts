import fc from 'fast-check';
import { float } from '../../../../src/engine/onnx/attribute';
import type { Attributes } from '../../../../src/engine/onnx/builder';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import { type Cases, dim, ints, normal, seed, shape, total, values } from './draw';

export const resizeCases: Cases = {};

const vector = (v: readonly number[]) => ({
  type: 'float32' as const,
  dims: [v.length],
  data: Float32Array.from(v),
});

const axis = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  /** Thirds of the size: shrinks, keeps and enlarges, also by whole factors. */
  thirds: fc.constantFrom(2, 3, 4, 5, 6, 9),
  start: fc.constantFrom(0, 0.2, -0.3),
  end: fc.constantFrom(1, 0.7, 1.4),
});
const drawn = fc.record({
  axes: fc.oneof(
    { arbitrary: fc.array(axis, { minLength: 2, maxLength: 2 }), weight: 4 },
    { arbitrary: fc.array(axis, { minLength: 1, maxLength: 1 }), weight: 1 },
    { arbitrary: fc.array(axis, { minLength: 3, maxLength: 3 }), weight: 1 },
  ),
  mode: fc.constantFrom('nearest', 'linear', 'cubic'),
  coordinates: fc.constantFrom(
    'half_pixel',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
    'tf_crop_and_resize',
    'half_pixel_symmetric',
  ),
  rounding: fc.constantFrom('round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'),
  antialias: fc.boolean(),
  exclude: fc.boolean(),
  by: fc.constantFrom('scales', 'sizes', 'not_larger', 'not_smaller', 'listed'),
  seed,
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

function resize(d: Drawn): SingleNode {
  // What ONNX Runtime runs: cubic in two dimensions, antialiasing only where it interpolates two, and not with regions.
  const mode = d.mode === 'cubic' && d.axes.length !== 2 ? 'linear' : d.mode;
  const cropped = d.coordinates === 'tf_crop_and_resize';
  const antialias = d.antialias && mode !== 'nearest' && d.axes.length === 2 && !cropped;
  const sizes = d.axes.map((a) => a.size);
  const dims = [1, 2, ...sizes];
  const targets = d.axes.map((a) => Math.max(1, Math.floor((a.size * a.thirds) / 3)));
  const scales = d.axes.map((a) => Math.max(1.01 / a.size, a.thirds / 3));
  const listed = d.axes.map((_, i) => i + 2);
  const only = d.by !== 'scales' && d.by !== 'sizes';
  const full = <T>(lead: readonly T[], rest: readonly T[]) => (only ? rest : [...lead, ...rest]);
  const region = [
    ...full(
      [0, 0],
      d.axes.map((a) => a.start),
    ),
    ...full(
      [1, 1],
      d.axes.map((a) => a.end),
    ),
  ];
  const attributes: Attributes = {
    mode,
    coordinate_transformation_mode: d.coordinates,
    nearest_mode: d.rounding,
    ...(antialias ? { antialias: 1 } : {}),
    ...(mode === 'cubic' ? { exclude_outside: d.exclude && !cropped ? 1 : 0, cubic_coeff_a: float(-0.5) } : {}),
    ...(cropped ? { extrapolation_value: float(0.7) } : {}),
    ...(only ? { axes: listed } : {}),
    ...(d.by.startsWith('not_') ? { keep_aspect_ratio_policy: d.by } : {}),
  };
  const byScales = d.by === 'scales' || d.by === 'listed';
  return {
    op: 'Resize',
    opset: 19,
    x: { dims, data: values(dims, d.seed, normal) },
    inputs: [
      'x',
      cropped ? vector(region) : '',
      byScales ? vector(full([1, 1], scales)) : '',
      ...(byScales ? [] : [ints(...full([1, 2], targets))]),
    ],
    attributes,
  };
}

/** Enlarged by whole factors, as decoders do and as the older operator Upsample is read. */
const upsampled = fc
  .record({
    factor: fc.integer({ min: 1, max: 3 }),
    wide: fc.integer({ min: 1, max: 3 }),
    coordinates: fc.constantFrom('asymmetric', 'half_pixel'),
    rounding: fc.constantFrom('floor', 'round_prefer_floor'),
    mode: fc.constantFrom('nearest', 'nearest', 'linear'),
    sized: fc.boolean(),
    seed,
  })
  .map(({ factor, wide, coordinates, rounding, mode, sized, seed }): SingleNode => {
    const dims = [2, 2, 3, 2];
    return {
      op: 'Resize',
      x: { dims, data: values(dims, seed, normal) },
      inputs: sized ? ['x', '', '', ints(2, 2, 3 * factor, 2 * wide)] : ['x', '', vector([1, 1, factor, wide])],
      attributes: { mode, coordinate_transformation_mode: coordinates, nearest_mode: rounding },
    };
  });

resizeCases.Resize = fc.oneof({ arbitrary: drawn.map(resize), weight: 3 }, { arbitrary: upsampled, weight: 1 });

resizeCases.Col2Im = fc
  .record({
    n: dim,
    c: dim,
    height: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    pad: fc.nat(1),
    extra: fc.nat(2),
    seed,
  })
  .map(({ n, c, height, width, stride, dilation, pad, extra, seed }): SingleNode => {
    const block = [height, width];
    const image = block.map((k, i) => (k - 1) * dilation + 1 + extra + i);
    const positions = image.map(
      (size, i) => Math.floor((size + 2 * pad - (block[i]! - 1) * dilation - 1) / stride) + 1,
    );
    const dims = [n, c * height * width, total(positions)];
    return {
      op: 'Col2Im',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', ints(...image), ints(...block)],
      attributes: { strides: [stride, stride], dilations: [dilation, dilation], pads: [pad, pad, pad, pad] },
    };
  });

resizeCases.CenterCropPad = fc
  .record({ dims: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 3 }), to: shape, seed })
  .map(({ dims, to, seed }): SingleNode => {
    const sizes = dims.slice(1).map((dim, i) => Math.max(1, (to[i] ?? dim) * 2 - 1));
    return {
      op: 'CenterCropPad',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', ints(...sizes)],
      attributes: { axes: sizes.map((_, i) => i + 1) },
    };
  });

resizeCases.AffineGrid = fc
  .record({
    n: dim,
    size: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 3 }),
    corners: fc.boolean(),
    seed,
  })
  .map(({ n, size, corners, seed }): SingleNode => {
    const dims = [n, size.length, size.length + 1];
    return {
      op: 'AffineGrid',
      opset: 20,
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', ints(n, 2, ...size)],
      attributes: { align_corners: corners ? 1 : 0 },
    };
  });

/**
 * A grid whose points keep clear of the elements' centres and of the borders, where linear sampling has kinks. The first
 * lies within the picture, so that not all of the gradient is zero.
 */
function gridPoints(size: readonly number[], count: number, corners: boolean, random: Random): number[] {
  const point = (elements: number, inside: boolean) => {
    const position = (inside ? 0.5 : random.integer(elements + 2) - 1.5) + random.between(-0.3, 0.3);
    return (corners ? (2 * position) / (elements - 1) : (2 * position + 1) / elements) - 1;
  };
  // The last coordinate is the first axis.
  return Array.from({ length: count }, (_, i) => [...size].reverse().map((dim) => point(dim, i === 0))).flat();
}

resizeCases.GridSample = fc
  .record({
    n: fc.integer({ min: 1, max: 2 }),
    c: fc.integer({ min: 1, max: 3 }),
    size: fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 4 })),
    to: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    mode: fc.constantFrom('linear', 'linear', 'nearest', 'cubic'),
    padding: fc.constantFrom('zeros', 'border', 'reflection'),
    corners: fc.boolean(),
    both: fc.boolean(),
    seed,
  })
  .map(({ n, c, size, to, mode, padding, corners, both, seed }): SingleNode => {
    const dims = [n, c, ...size];
    const random = Random.of(seed, 'grid');
    const points = gridPoints(size, n * total(to), corners, random);
    const grid = { type: 'float32' as const, dims: [n, ...to, 2], data: Float32Array.from(points) };
    const smooth = mode === 'linear' && padding !== 'reflection';
    return {
      op: 'GridSample',
      opset: 20,
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', grid],
      attributes: { mode, padding_mode: padding, align_corners: corners ? 1 : 0 },
      ...(both && smooth ? { weights: [1] } : {}),
    };
  });
