import type { RuleContext } from '../rule';
import { product, spatialPart, type Window } from './window';

/** A tensor [n, groups·channels, ...size], with the axis of seeds in front where it is a gradient. */
export interface Slid {
  readonly tensor: string;
  readonly isGradient: boolean;
  /** Channels in one group. */
  readonly channels: number;
  readonly size: readonly number[];
}

/**
 * The gradient for a convolution's kernel: Σ over examples n and positions i of
 * data[n, a, i·stride + k·dilation − pad] · windows[n, b, i], as [...seeds, groups·b, a, ...kernel].
 *
 * It is a convolution itself: batch and channels change places, and so do strides and dilations.
 *
 * @param data what the window slides over.
 * @param windows one value for each position of the window.
 */
export function kernelGradient(c: RuleContext, window: Window, groups: number, data: Slid, windows: Slid): string {
  const b = c.builder;
  const reach = windows.size.map(
    (count, i) => (count - 1) * window.strides[i]! + (window.kernel[i]! - 1) * window.dilations[i]! + 1,
  );
  const end = reach.map((size, i) => size - window.padBegin[i]! - data.size[i]!);
  const seeds = c.seeds ?? 1;
  const dataSeeds = data.isGradient ? seeds : 1;
  const windowSeeds = windows.isGradient ? seeds : 1;
  const rank = data.size.length;
  const spatialAxes = data.size.map((_, i) => i + 4);
  const kept = data.size.map((dim, i) => dim + Math.min(0, end[i]!));

  // [seeds, n, groups, channels, ...] to [seeds·channels, groups·n, ...]: each group convolves over the examples.
  const dataAxes = [dataSeeds, -1, groups, data.channels, ...data.size];
  const seen = b.op('Reshape', [data.tensor, b.ints(dataAxes)]);
  const byChannel = b.op('Reshape', [
    b.op('Transpose', [seen], { perm: [0, 3, 2, 1, ...spatialAxes] }),
    b.ints([dataSeeds * data.channels, -1, ...data.size]),
  ]);
  const image = spatialPart(b, byChannel, data.size, Array<number>(rank).fill(0), kept);

  // [seeds, n, groups, channels, ...] to [groups·seeds·channels, n, ...]
  const windowAxes = [windowSeeds, -1, groups, windows.channels, ...windows.size];
  const kernels = b.op('Reshape', [
    b.op('Transpose', [b.op('Reshape', [windows.tensor, b.ints(windowAxes)])], { perm: [2, 0, 3, 1, ...spatialAxes] }),
    b.ints([groups * windowSeeds * windows.channels, -1, ...windows.size]),
  ]);

  const summed = b.op('Conv', [image, kernels], {
    group: groups,
    strides: window.dilations,
    dilations: window.strides,
    kernel_shape: windows.size,
    pads: [...window.padBegin, ...end.map((pad) => Math.max(0, pad))],
  });
  // [data seeds, data channels, groups, window seeds, window channels, taps] to [seeds, groups, window, data, taps]
  const taps = product(window.kernel);
  const parts = b.op('Reshape', [
    summed,
    b.ints([dataSeeds, data.channels, groups, windowSeeds, windows.channels, taps]),
  ]);
  const ordered = b.op('Transpose', [parts], { perm: [0, 3, 2, 4, 1, 5] });
  return b.op('Reshape', [
    ordered,
    b.ints([...(c.seeds === null ? [] : [seeds]), groups * windows.channels, data.channels, ...window.kernel]),
  ]);
}
