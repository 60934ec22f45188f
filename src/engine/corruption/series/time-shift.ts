import { at } from '../tabular/columns';
import { series } from './signal';

/** Share of the frames. */
const share = [0.02, 0.05, 0.1, 0.15, 0.2] as const;

/** Everything comes earlier or later; the end that runs empty holds the value at the edge. */
export const timeShift = series({
  name: 'time_shift',
  title: 'Time shift',
  source: 'a tenth of the series is the shift that Speech Commands is trained with (Warden 2018); the others are ours',
  describe: (severity) => `${100 * at(share, severity)} % of the frames, earlier or later`,
  change({ values, channels, frames }, severity, random) {
    const by = Math.min(frames - 1, Math.max(1, Math.round(at(share, severity) * frames)));
    const later = random.integer(2) === 0;
    for (let c = 0; c < channels; c++) {
      const channel = values.subarray(c * frames, (c + 1) * frames);
      const edge = channel[later ? 0 : frames - 1]!;
      if (later) channel.copyWithin(by, 0).fill(edge, 0, by);
      else channel.copyWithin(0, by).fill(edge, frames - by);
    }
  },
});
