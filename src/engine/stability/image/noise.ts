import { poisson } from '../../corruption/poisson';
import { between, inWords } from '../../corruption/severity';
import type { Perturbation } from '../types';
import { imageFrames } from './frames';

const FRAMES = 31;

const ofNoise = { kinds: ['image'], compared: 'first', frames: () => FRAMES, middle: () => 0 } as const;

const sigma = (shape: readonly number[]) => between(0.02, 0.03, shape);
const photons = (shape: readonly number[]) => between(700, 300, shape);

/** The image, then thirty times the image with normal noise. */
export const gaussianNoise: Perturbation = {
  ...ofNoise,
  name: 'gaussian_noise',
  title: 'Gaussian noise',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Gaussian Noise',
  describe: (shape) => `σ = ${inWords(sigma(shape))} of the range, against the image itself`,
  open: (scene) =>
    imageFrames(scene, ({ unit }) => {
      const deviation = sigma(scene.shape);
      const noisy = new Float64Array(unit.length);
      return (index) => {
        if (index === 0) return null;
        for (let i = 0; i < unit.length; i++) noisy[i] = unit[i]! + deviation * scene.random.normal();
        return noisy;
      };
    }),
};

/** The image, then thirty times the image as counts of photons. */
export const shotNoise: Perturbation = {
  ...ofNoise,
  name: 'shot_noise',
  title: 'Shot noise',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Shot Noise',
  describe: (shape) => `λ = ${inWords(photons(shape))} at full brightness, against the image itself`,
  open: (scene) =>
    imageFrames(scene, ({ unit }) => {
      const most = photons(scene.shape);
      const noisy = new Float64Array(unit.length);
      return (index) => {
        if (index === 0) return null;
        for (let i = 0; i < unit.length; i++) noisy[i] = poisson(unit[i]! * most, scene.random) / most;
        return noisy;
      };
    }),
};
