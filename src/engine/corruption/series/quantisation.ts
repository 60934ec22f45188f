import { at } from '../tabular/columns';
import { series } from './signal';

const bits = [8, 6, 4, 3, 2] as const;

/** Values are stored in few bits: over the data's range where there is one, else over what the channel spans. */
export const quantisation = series({
  name: 'quantisation',
  title: 'Quantisation',
  source: 'severities are our own (docs/series.md)',
  describe: (severity) => `${at(bits, severity)} bits`,
  change({ values, channels, frames }, severity, _random, bounds) {
    const last = 2 ** at(bits, severity) - 1;
    for (let c = 0; c < channels; c++) {
      const from = c * frames;
      let [low, high] = bounds;
      if (!Number.isFinite(low) || !Number.isFinite(high)) {
        [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (let i = from; i < from + frames; i++) {
          if (values[i]! < low) low = values[i]!;
          if (values[i]! > high) high = values[i]!;
        }
      }
      const step = (high - low) / last;
      if (!(step > 0)) continue;
      for (let i = from; i < from + frames; i++) values[i] = low + step * Math.round((values[i]! - low) / step);
    }
  },
});
