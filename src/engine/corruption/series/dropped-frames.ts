import { at } from '../tabular/columns';
import { series } from './signal';

/** Chance of each packet to be lost. */
const chance = [0.05, 0.1, 0.2, 0.3, 0.4] as const;
/** Packets in a series: 20 ms each of one second, as speech is sent. */
const packets = 50;

/** Packets are lost on the way, in all channels at once, and silence stands in their place. */
export const droppedFrames = series({
  name: 'dropped_frames',
  title: 'Dropped frames',
  source: 'packets of 20 ms a second as in RTP audio (RFC 3551); severities are our own (docs/series.md)',
  describe: (severity) => `${100 * at(chance, severity)} % of the packets`,
  change({ values, channels, frames }, severity, random) {
    const count = Math.min(packets, frames);
    for (let k = 0; k < count; k++) {
      if (random.uniform() >= at(chance, severity)) continue;
      const start = Math.round((k * frames) / count);
      const end = Math.round(((k + 1) * frames) / count);
      for (let c = 0; c < channels; c++) values.fill(0, c * frames + start, c * frames + end);
    }
  },
});
