import { at } from '../tabular/columns';
import { addNoise, signalToNoise } from './noise';
import { series } from './signal';
import { pink } from './spectrum';

/** Noise whose power falls as 1 / f: traffic, wind, flicker noise of electronics. */
export const pinkNoise = series({
  name: 'pink_noise',
  title: 'Pink noise',
  source: '1/f noise by Timmer and König 1995; ratios as for white noise',
  describe: (severity) => `${at(signalToNoise, severity)} dB signal to noise`,
  change(signal, severity, random) {
    addNoise(signal, at(signalToNoise, severity), (out) => pink(out, random));
  },
});
