import { RobustnessError } from '../../error';
import type { Frames, Perturbation, Scene } from '../types';

const FRAMES = 31;
const MIDDLE = 15;
const source = 'steps are our own (docs/stability.md)';
const ofSignals = { source, kinds: ['series'], frames: () => FRAMES } as const;

/** Standard deviations of the channel within the example: of the noise; a frame, of the height of a drift. Share of a value a frame, of a gain. */
const NOISE = 0.05;
const DRIFT = 0.02;
const GAIN = 0.01;

interface Signal {
  readonly channels: number;
  readonly length: number;
  /** [channels] */
  readonly deviation: Float64Array;
}

/** @param make fills `out`, which holds the signal itself; false leaves it as it is, bit for bit */
function signalFrames(scene: Scene, make: (signal: Signal) => (index: number, out: Float32Array) => boolean): Frames {
  const { x, shape, bounds } = scene;
  const [channels, length] = shape;
  if (shape.length !== 2 || !channels || !length || channels * length !== x.length) {
    throw new RobustnessError(
      'data/shape',
      `A sequence of signals is for examples of channels and time, and one of shape [${shape.join(', ')}] is not.`,
      'Leave it out under `stability.only`, or state the `layout` of the data.',
    );
  }
  const frame = make({ channels, length, deviation: deviations(x, channels, length) });
  const [low, high] = bounds;
  return (index, out) => {
    out.set(x);
    if (!frame(index, out)) return;
    for (let i = 0; i < out.length; i++) {
      if (out[i]! < low) out[i] = low;
      else if (out[i]! > high) out[i] = high;
    }
  };
}

function deviations(x: Float32Array, channels: number, length: number): Float64Array {
  const result = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    let mean = 0;
    for (let t = 0; t < length; t++) mean += x[c * length + t]! / length;
    let variance = 0;
    for (let t = 0; t < length; t++) variance += (x[c * length + t]! - mean) ** 2 / length;
    result[c] = Math.sqrt(variance);
  }
  return result;
}

/** The signal, then thirty times the signal with normal noise 26 dB below it. */
export const signalNoise: Perturbation = {
  ...ofSignals,
  name: 'signal_noise',
  title: 'Noise',
  compared: 'first',
  middle: () => 0,
  describe: () => '26 dB below each channel, against the signal itself',
  open: (scene) =>
    signalFrames(scene, ({ length, deviation }) => (index, out) => {
      if (index === 0) return false;
      for (let i = 0; i < out.length; i++) {
        out[i]! += NOISE * deviation[Math.floor(i / length)]! * scene.random.normal();
      }
      return true;
    }),
};

/** Louder, a little a frame. */
export const signalGain: Perturbation = {
  ...ofSignals,
  name: 'signal_gain',
  title: 'Gain',
  compared: 'previous',
  middle: () => MIDDLE,
  describe: () => '1 % a frame, −15 % to 15 %',
  open: (scene) =>
    signalFrames(scene, () => (index, out) => {
      if (index === MIDDLE) return false;
      const gain = 1 + GAIN * (index - MIDDLE);
      for (let i = 0; i < out.length; i++) out[i]! *= gain;
      return true;
    }),
};

/** Later by one sample a frame; the first or last value is held where nothing was recorded. */
export const signalShift: Perturbation = {
  ...ofSignals,
  name: 'signal_shift',
  title: 'Shift in time',
  compared: 'previous',
  middle: () => MIDDLE,
  describe: () => '1 sample a frame, −15 to 15',
  open: (scene) =>
    signalFrames(scene, ({ channels, length }) => (index, out) => {
      if (index === MIDDLE) return false;
      for (let c = 0; c < channels; c++) {
        for (let t = 0; t < length; t++) {
          const from = Math.min(length - 1, Math.max(0, t - (index - MIDDLE)));
          out[c * length + t] = scene.x[c * length + from]!;
        }
      }
      return true;
    }),
};

/** A slow wave under the signal, one period long, that grows: a baseline that wanders. */
export const signalDrift: Perturbation = {
  ...ofSignals,
  name: 'signal_drift',
  title: 'Baseline drift',
  compared: 'previous',
  middle: () => 0,
  describe: () => `a wave that grows by ${DRIFT} σ of the channel a frame`,
  open: (scene) =>
    signalFrames(scene, ({ channels, length, deviation }) => {
      const phase = Float64Array.from({ length: channels }, () => 2 * Math.PI * scene.random.uniform());
      return (index, out) => {
        if (index === 0) return false;
        for (let c = 0; c < channels; c++) {
          const height = DRIFT * index * deviation[c]!;
          for (let t = 0; t < length; t++) {
            out[c * length + t]! += height * Math.sin((2 * Math.PI * t) / length + phase[c]!);
          }
        }
        return true;
      };
    }),
};
