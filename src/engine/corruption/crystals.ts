import type { Random } from '../random';
import { motionBlurred } from './motion';
import { plasma, powerOfTwo } from './plasma';
import { floats } from './scratch';

const draws = floats();

/**
 * Colour of the frost, how uneven it is within a crop and how much crops differ (standard deviations), by channel, shares of the range. Measured
 * on crops of 224 pixels of the photographs that the benchmark uses, which are not ours to ship; one of five is drawn, as the authors do.
 */
const kinds = [
  { mean: [0.305, 0.585, 0.65], within: [0.095, 0.057, 0.053], between: [0.06, 0.032, 0.024] },
  { mean: [0.787, 0.805, 0.841], within: [0.077, 0.079, 0.082], between: [0.02, 0.022, 0.024] },
  { mean: [0.787, 0.805, 0.841], within: [0.077, 0.079, 0.082], between: [0.02, 0.022, 0.024] },
  { mean: [0.54, 0.599, 0.648], within: [0.102, 0.102, 0.108], between: [0.026, 0.024, 0.026] },
  { mean: [0.441, 0.484, 0.528], within: [0.144, 0.142, 0.139], between: [0.047, 0.045, 0.042] },
] as const;

/** Weights of the smooth clouds and of the needles in the texture. */
const clouds = 0.6;
const needles = 0.8;

/** Frost [channels, height, width] from 0 to 1: clouds of rime with needles in two directions, the same pattern in all channels. */
export function crystals(channels: number, height: number, width: number, random: Random): Float64Array {
  const kind = kinds[random.integer(kinds.length)]!;
  const texture = pattern(height, width, random);
  const shift = random.normal();
  const plane = height * width;
  const result = new Float64Array(channels * plane);
  for (let c = 0; c < channels; c++) {
    const of = (values: readonly [number, number, number]) => (channels === 3 ? values[c]! : grey(values));
    const mean = of(kind.mean) + shift * of(kind.between);
    const deviation = of(kind.within);
    for (let i = 0; i < plane; i++) result[c * plane + i] = Math.min(1, Math.max(0, mean + deviation * texture[i]!));
  }
  return result;
}

const grey = ([r, g, b]: readonly [number, number, number]) => 0.299 * r + 0.587 * g + 0.114 * b;

/** [height, width] of mean 0 and variance 1. */
function pattern(height: number, width: number, random: Random): Float64Array {
  const plane = height * width;
  const side = powerOfTwo(Math.max(height, width));
  const smooth = plasma(side, 1.8, random);
  const result = new Float64Array(plane);
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) result[h * width + w] = smooth[h * side + w]!;
  }
  standardise(result, clouds);
  const length = Math.max(2, Math.round(Math.min(height, width) / 12));
  const first = random.between(0, 180);
  for (const angle of [first, first + random.between(40, 90)]) {
    const specks = draws(plane);
    random.fillNormal(specks);
    for (let i = 0; i < plane; i++) specks[i] = Math.max(0, specks[i]! - 1);
    const streaks = motionBlurred(specks, height, width, length, length, angle);
    standardise(streaks, needles / 2);
    for (let i = 0; i < plane; i++) result[i]! += streaks[i]!;
  }
  standardise(result, 1);
  return result;
}

/** In place: mean 0, standard deviation `deviation`; what does not vary becomes 0. */
function standardise(values: Float64Array, deviation: number): void {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i]! / values.length;
  let variance = 0;
  for (let i = 0; i < values.length; i++) variance += (values[i]! - mean) ** 2 / values.length;
  const scale = variance > 0 ? deviation / Math.sqrt(variance) : 0;
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) * scale;
}
