import { at } from '../tabular/columns';
import { addNoise, signalToNoise } from './noise';
import { series } from './signal';

/** Noise with the same power at all frequencies: thermal noise of a sensor, hiss. */
export const whiteNoise = series({
  name: 'white_noise',
  title: 'White noise',
  source: 'ratios as in noisy-speech sets (VoiceBank-DEMAND, Valentini-Botinhao et al. 2016, has 0 to 15 dB)',
  describe: (severity) => `${at(signalToNoise, severity)} dB signal to noise`,
  change(signal, severity, random) {
    addNoise(signal, at(signalToNoise, severity), (out) => {
      for (let i = 0; i < out.length; i++) out[i] = random.normal();
    });
  },
});
