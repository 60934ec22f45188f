import { raiseValue } from '../../corruption/brightness';
import { luma } from '../../corruption/colour';
import { motionBlurred } from '../../corruption/motion';
import { between, inWords } from '../../corruption/severity';
import { zoomed } from '../../corruption/zoom';
import type { Perturbation } from '../types';
import { imageFrames, wholeBetween } from './frames';

const FRAMES = 31;
const MIDDLE = 15;

const brightnessStep = (shape: readonly number[]) => between(0.015, 0.02, shape);

/** From darker than it is to brighter, by V of HSV; other images than those of three channels by every value. */
export const brightness: Perturbation = {
  name: 'brightness',
  title: 'Brightness',
  source: 'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Brightness',
  kinds: ['image'],
  compared: 'previous',
  frames: () => FRAMES,
  middle: () => MIDDLE,
  describe: (shape) => {
    const step = 100 * brightnessStep(shape);
    return `${inWords(step)} % of the range a frame, ${inWords(-15 * step).replace('-', '−')} % to ${inWords(15 * step)} %`;
  },
  open: (scene) =>
    imageFrames(scene, ({ unit, channels }) => (index) => {
      if (index === MIDDLE) return null;
      const amount = (index - MIDDLE) * brightnessStep(scene.shape);
      return channels === 3 ? raiseValue(unit, amount) : unit.map((value) => value + amount);
    }),
};

/** Mean and deviation of the noise that flakes are made of, what is no flake, and the share of the image's own colour that is kept. */
const [MEAN, DEVIATION, THRESHOLD, KEPT] = [0.05, 0.3, 0.5, 0.85];

/** The image whitened, and the same flakes all along, falling in a direction that turns by 4° a frame; no frame is the image itself. */
export const snow: Perturbation = {
  name: 'snow',
  title: 'Snow',
  source:
    'Hendrycks & Dietterich 2019, make_cifar_p.py and make_imagenet_p.py: Snow; the smear as in Michaelis et al. 2019, imagecorruptions',
  kinds: ['image'],
  compared: 'previous',
  frames: () => FRAMES,
  middle: () => MIDDLE,
  describe: (shape) => `flakes smeared with σ = ${inWords(between(2, 4, shape))} pixels, turning by 4° a frame`,
  open: (scene) =>
    imageFrames(scene, ({ unit, channels, height, width }) => {
      const { shape, random } = scene;
      const plane = height * width;
      const noise = new Float64Array(plane);
      for (let i = 0; i < plane; i++) noise[i] = MEAN + DEVIATION * random.normal();
      const still = zoomed(noise, height, width, between(2, 3, shape));
      for (let i = 0; i < plane; i++) {
        // Flakes are a picture of 8 bits in the benchmark.
        still[i] = still[i]! < THRESHOLD ? 0 : Math.floor(255 * Math.min(1, still[i]!)) / 255;
      }
      const grey = luma(unit, channels, plane);
      const white = new Float64Array(unit.length);
      for (let i = 0; i < unit.length; i++) {
        white[i] = KEPT * unit[i]! + (1 - KEPT) * Math.max(unit[i]!, 1.5 * grey[i % plane]! + 0.5);
      }
      const snowed = new Float64Array(unit.length);
      return (index) => {
        const angle = 4 * index - 150;
        const radius = wholeBetween(10, 14, shape);
        const flakes = motionBlurred(still, height, width, radius, between(2, 4, shape), angle);
        for (let i = 0; i < unit.length; i++) {
          const at = i % plane;
          snowed[i] = white[i]! + flakes[at]! + flakes[plane - 1 - at]!;
        }
        return snowed;
      };
    }),
};
