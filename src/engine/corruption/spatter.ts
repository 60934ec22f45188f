import type { Random } from '../random';
import { distancesTo, edges } from './edges';
import { filtered, gaussianBlurred } from './filter';
import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

type Splash = readonly [
  mean: number,
  deviation: number,
  sigma: number,
  threshold: number,
  strength: number,
  mud: number,
];

/** Mean and deviation of the noise that drops are made of, its blur, what is no drop; strength of water or blur of mud; 1 for mud. */
const splash: SeverityTables<Splash> = {
  small: [
    [0.62, 0.1, 0.7, 0.7, 0.5, 0],
    [0.65, 0.1, 0.8, 0.7, 0.5, 0],
    [0.65, 0.3, 1, 0.69, 0.5, 0],
    [0.65, 0.1, 0.7, 0.69, 0.6, 1],
    [0.65, 0.1, 0.5, 0.68, 0.6, 1],
  ],
  large: [
    [0.65, 0.3, 4, 0.69, 0.6, 0],
    [0.65, 0.3, 3, 0.68, 0.6, 0],
    [0.65, 0.3, 2, 0.68, 0.5, 0],
    [0.65, 0.3, 1, 0.65, 1.5, 1],
    [0.67, 0.4, 1, 0.65, 1.5, 1],
  ],
};

/** Pale turquoise and brown. */
const water = [175 / 255, 238 / 255, 238 / 255] as const;
const mud = [63 / 255, 42 / 255, 20 / 255] as const;

/** Drops of water (severities 1 to 3) or of mud (4 and 5) on the lens. */
export const spatter: Corruption = {
  name: 'spatter',
  title: 'Spatter',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: spatter (an extra corruption)',
  kinds: ['image'],
  describe: (severity, shape) => {
    const [mean, , , threshold, , dirty] = parameters(splash, severity, shape);
    return `${dirty >= 0.5 ? 'mud' : 'water'}, drops above ${inWords(threshold)} of noise about ${inWords(mean)}`;
  },
  apply(x, shape, severity, bounds, random) {
    const [channels, height, width] = imageShape(shape);
    const [mean, deviation, sigma, threshold, strength, dirty] = parameters(splash, severity, shape);
    const plane = height * width;
    const liquid = drops(height, width, mean, deviation, sigma, threshold, random);
    const isMud = dirty >= 0.5;
    const cover = isMud ? mudOf(liquid, height, width, strength) : waterOf(liquid, height, width, strength);
    const colour = (c: number) => {
      const own = isMud ? mud : water;
      return channels === 3 ? own[c]! : 0.2989 * own[0] + 0.587 * own[1] + 0.114 * own[2];
    };
    return withinUnitRange(x, shape, bounds, (unit) => {
      const result = new Float64Array(unit.length);
      for (let c = 0; c < channels; c++) {
        const tint = colour(c);
        for (let i = 0; i < plane; i++) {
          const at = c * plane + i;
          const kept = isMud ? 1 - cover[i]! : 1;
          result[at] = unit[at]! * kept + cover[i]! * tint;
        }
      }
      return result;
    });
  },
};

function drops(
  height: number,
  width: number,
  mean: number,
  deviation: number,
  sigma: number,
  threshold: number,
  random: Random,
): Float64Array {
  const noise = new Float64Array(height * width);
  random.fillNormal(noise);
  for (let i = 0; i < noise.length; i++) noise[i] = mean + deviation * noise[i]!;
  const smooth = gaussianBlurred(noise, height, width, sigma);
  for (let i = 0; i < smooth.length; i++) if (smooth[i]! < threshold) smooth[i] = 0;
  return smooth;
}

/** How much mud lies on each pixel. */
function mudOf(liquid: Float64Array, height: number, width: number, sigma: number): Float64Array {
  const covered = new Float64Array(liquid.length);
  for (let i = 0; i < liquid.length; i++) covered[i] = liquid[i]! > 0 ? 1 : 0;
  const smooth = gaussianBlurred(covered, height, width, sigma);
  for (let i = 0; i < smooth.length; i++) if (smooth[i]! < 0.8) smooth[i] = 0;
  return smooth;
}

/** How much water shines on each pixel: drops, embossed by the distance to their rims. */
function waterOf(liquid: Float64Array, height: number, width: number, strength: number): Float64Array {
  const levels = new Int32Array(liquid.length);
  for (let i = 0; i < liquid.length; i++) levels[i] = Math.trunc(255 * liquid[i]!) & 255;
  const rims = distancesTo(edges(levels, height, width, 50, 150), height, width);
  for (let i = 0; i < rims.length; i++) rims[i] = Math.min(20, rims[i]!);
  const flat = filtered(rims, height, width, mean);
  for (let i = 0; i < flat.length; i++) flat[i] = Math.trunc(flat[i]! + 1e-9);
  const light = filtered(equalised(flat), height, width, emboss);
  for (let i = 0; i < light.length; i++) light[i] = Math.min(255, Math.max(0, light[i]!));
  const shine = filtered(light, height, width, mean);
  let most = 0;
  for (let i = 0; i < shine.length; i++) {
    shine[i] = Math.round(shine[i]!) * levels[i]!;
    if (shine[i]! > most) most = shine[i]!;
  }
  const scale = most > 0 ? strength / most : 0;
  for (let i = 0; i < shine.length; i++) shine[i]! *= scale;
  return shine;
}

const mean = new Float64Array(9).fill(1 / 9);
const emboss = [-2, -1, 0, -1, 1, 1, 0, 1, 2];

/** Whole numbers 0..255 spread so that each level is as frequent as the next (OpenCV's `equalizeHist`); one level alone stays. */
function equalised(values: Float64Array): Float64Array {
  const counts = new Float64Array(256);
  for (let i = 0; i < values.length; i++) counts[values[i]!]! += 1;
  const first = counts.findIndex((count) => count > 0);
  const rest = values.length - counts[first]!;
  if (rest === 0) return values;
  const levels = new Float64Array(256);
  let below = 0;
  for (let level = first + 1; level < 256; level++) {
    below += counts[level]!;
    levels[level] = Math.min(255, Math.round((255 * below) / rest));
  }
  const spread = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) spread[i] = levels[values[i]!]!;
  return spread;
}
