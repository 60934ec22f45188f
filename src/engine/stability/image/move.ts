import { between, inWords } from '../../corruption/severity';
import type { Perturbation } from '../types';
import { imageFrames, type Picture, wholeBetween } from './frames';
import { type Affine, affineSampled, inverse, type Matrix, projectiveSampled } from './sample';

const ofMoves = { kinds: ['image'], compared: 'previous' } as const;
const FRAMES = 31;
/** Of sequences that run from one side of the image to the other. */
const MIDDLE = 15;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** One pixel to the right a frame; what comes in from outside is black. */
export const translate: Perturbation = {
  ...ofMoves,
  name: 'translate',
  title: 'Translate',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Translate',
  frames: (shape) => wholeBetween(16, 41, shape),
  middle: (shape) => wholeBetween(7, 20, shape),
  describe: (shape) => `1 pixel a frame, from −${wholeBetween(7, 20, shape)} on`,
  open: (scene) =>
    imageFrames(scene, ({ unit, width }) => {
      const start = wholeBetween(7, 20, scene.shape);
      const moved = new Float64Array(unit.length);
      return (index) => {
        const right = index - start;
        if (right === 0) return null;
        moved.fill(0);
        const from = Math.max(0, -right);
        const kept = width - Math.abs(right);
        for (let row = 0; row < unit.length && kept > 0; row += width) {
          for (let w = 0; w < kept; w++) moved[row + Math.max(0, right) + w] = unit[row + from + w]!;
        }
        return moved;
      };
    }),
};

/** One degree a frame about the middle. */
export const rotate: Perturbation = {
  ...ofMoves,
  name: 'rotate',
  title: 'Rotate',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Rotate',
  frames: () => FRAMES,
  middle: () => MIDDLE,
  describe: () => '1° a frame, −15° to 15°',
  open: (scene) =>
    imageFrames(scene, (picture) => (index) => {
      const angle = radians(index - MIDDLE);
      return index === MIDDLE ? null : affineSampled(picture, about(picture, angle, 1));
    }),
};

/** First enlargement and what it grows by a frame, in per cent. */
const scaleStart = (shape: readonly number[]) => between(70, 40, shape);
const scaleStep = (shape: readonly number[]) => between(2, 2.5, shape);

/** From smaller than it is to larger, about the middle. */
export const scale: Perturbation = {
  ...ofMoves,
  name: 'scale',
  title: 'Scale',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Scale',
  frames: () => FRAMES,
  middle: (shape) => Math.round((100 - scaleStart(shape)) / scaleStep(shape)),
  describe: (shape) => `${inWords(scaleStep(shape))} % a frame, from ${inWords(scaleStart(shape))} % of the size on`,
  open: (scene) =>
    imageFrames(scene, (picture) => (index) => {
      const factor = (index * scaleStep(scene.shape) + scaleStart(scene.shape)) / 100;
      return factor === 1 ? null : affineSampled(picture, about(picture, 0, factor));
    }),
};

/** Turned by `angle` and enlarged by `factor` about the middle, as torchvision's `affine`: where a place of the result comes from. */
export function about({ height, width }: Pick<Picture, 'height' | 'width'>, angle: number, factor: number): Affine {
  const [cx, cy] = [width / 2, height / 2];
  const cosine = Math.cos(angle) / factor;
  const sine = Math.sin(angle) / factor;
  return [cosine, sine, cx - cosine * cx - sine * cy, -sine, cosine, cy + sine * cx - cosine * cy];
}

const tiltStep = (shape: readonly number[]) => between(0.75, 1, shape);

/** Turned in depth about the horizontal and the vertical axis at once, seen from as far as the image is across. */
export const tilt: Perturbation = {
  ...ofMoves,
  name: 'tilt',
  title: 'Tilt',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Tilt',
  frames: () => FRAMES,
  middle: () => MIDDLE,
  describe: (shape) => {
    const step = tiltStep(shape);
    return `${inWords(step)}° a frame about both axes, ${inWords(-15 * step).replace('-', '−')}° to ${inWords(15 * step)}°`;
  },
  open: (scene) =>
    imageFrames(scene, (picture) => (index) => {
      return projectiveSampled(picture, inverse(tilted(picture, radians(tiltStep(scene.shape) * (index - MIDDLE)))));
    }),
};

/**
 * The projection of a sheet at depth 1, turned about x and y, moved back by its diagonal f and seen with focal length f. At no angle it is not
 * quite the image itself, but smaller by f / (f + 1): so it is in the benchmark.
 */
function tilted({ height, width }: Pick<Picture, 'height' | 'width'>, angle: number): Matrix {
  const f = Math.hypot(width, height);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  // Where the sheet's point (X, Y, 1) goes: first about y, then about x, then back by f; X = x − width / 2, Y = y − height / 2.
  const x: Row = [cosine, 0, -sine];
  const z: Row = [sine, 0, cosine];
  const turnedY: Row = [-sine * z[0], cosine, -sine * z[2]];
  const depth: Row = [cosine * z[0], sine, cosine * z[2] + f];
  const row = (weights: Row, centre: number): Row => {
    const [p, q, r] = weights.map((weight, k) => f * weight + centre * depth[k]!) as [number, number, number];
    return [p, q, r - (p * width) / 2 - (q * height) / 2];
  };
  const [p, q, r] = depth;
  return [row(x, width / 2), row(turnedY, height / 2), [p, q, r - (p * width) / 2 - (q * height) / 2]];
}
type Row = readonly [number, number, number];
