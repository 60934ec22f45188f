import { motionBlurred } from '../../corruption/motion';
import { between, inWords } from '../../corruption/severity';
import type { Perturbation } from '../types';
import { imageFrames, wholeBetween } from './frames';
import { about } from './move';
import { affineSampled } from './sample';

/** Frames, degrees a frame, and the smear. */
const motionFrames = (shape: readonly number[]) => wholeBetween(21, 31, shape);
const motionStep = (shape: readonly number[]) => between(9, 4, shape);
const motionSigma = (shape: readonly number[]) => between(1.8, 3, shape);

/** Smeared all along, in a direction that turns; no frame is the image itself. */
export const motionBlur: Perturbation = {
  name: 'motion_blur',
  title: 'Motion blur',
  source:
    'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Motion Blur; the smear as in Michaelis et al. 2019, imagecorruptions',
  kinds: ['image'],
  compared: 'previous',
  frames: motionFrames,
  middle: (shape) => Math.floor(motionFrames(shape) / 2),
  describe: (shape) => `σ = ${inWords(motionSigma(shape))} pixels, turning by ${inWords(motionStep(shape))}° a frame`,
  open: (scene) =>
    imageFrames(scene, ({ unit, height, width }) => {
      const radius = wholeBetween(6, 10, scene.shape);
      const last = motionFrames(scene.shape) - 1;
      return (index) => {
        const angle = (index - last) * motionStep(scene.shape);
        return motionBlurred(unit, height, width, radius, motionSigma(scene.shape), angle);
      };
    }),
};

const ZOOM_STEP = 0.004;
const ZOOM_FRAMES = 31;

/** The mean of the image and of ever larger ones, one more a frame. */
export const zoomBlur: Perturbation = {
  name: 'zoom_blur',
  title: 'Zoom blur',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Zoom Blur',
  kinds: ['image'],
  compared: 'previous',
  frames: () => ZOOM_FRAMES,
  middle: () => 0,
  describe: () => 'mean of enlargements, one of 0.4 % more a frame, up to 12 %',
  open: (scene) =>
    imageFrames(scene, (picture) => {
      const sum = Float64Array.from(picture.unit);
      const mean = new Float64Array(sum.length);
      return (index) => {
        if (index === 0) return null;
        const larger = affineSampled(picture, about(picture, 0, 1 + ZOOM_STEP * index));
        for (let i = 0; i < sum.length; i++) {
          sum[i]! += larger[i]!;
          mean[i] = sum[i]! / (index + 1);
        }
        return mean;
      };
    }),
};
