import { at } from '../tabular/columns';
import { between, series } from './signal';

/** Frames of the series for one that is kept. */
const factor = [1.5, 2, 3, 4, 6] as const;

/** Recorded at a lower rate: the mean over each longer frame, and straight lines between their middles. */
export const resampling = series({
  name: 'resampling',
  title: 'Lower sampling rate',
  source: 'severities are our own (docs/series.md)',
  describe: (severity) => `1 / ${at(factor, severity)} of the rate`,
  change({ values, channels, frames }, severity) {
    const kept = Math.max(1, Math.round(frames / at(factor, severity)));
    const width = frames / kept;
    const coarse = new Float32Array(kept);
    for (let c = 0; c < channels; c++) {
      const channel = values.subarray(c * frames, (c + 1) * frames);
      for (let k = 0; k < kept; k++) coarse[k] = meanOver(channel, k * width, (k + 1) * width);
      for (let t = 0; t < frames; t++) channel[t] = between(coarse, 0, kept, (t + 0.5) / width - 0.5);
    }
  },
});

/** Over a stretch of frames, those at its ends in part. */
function meanOver(channel: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let t = Math.floor(start); t < end && t < channel.length; t++) {
    sum += channel[t]! * (Math.min(end, t + 1) - Math.max(start, t));
  }
  return sum / (end - start);
}
