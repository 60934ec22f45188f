import { at, shuffled } from '../tabular/columns';
import { series } from './signal';

/** Share of the channels. */
const share = [0.1, 0.2, 0.3, 0.4, 0.5] as const;

/** Some channels, others in each example, give nothing but 0; one at least does, and one at least does not. */
export const deadChannel = series({
  name: 'dead_channel',
  title: 'Dead channel',
  source: 'severities are our own (docs/series.md)',
  channels: 2,
  describe: (severity) => `${100 * at(share, severity)} % of the channels`,
  change({ values, channels, frames }, severity, random) {
    const count = Math.min(channels - 1, Math.max(1, Math.round(at(share, severity) * channels)));
    const order = shuffled(
      Array.from({ length: channels }, (_, c) => c),
      random,
    );
    for (const c of order.slice(0, count)) values.fill(0, c * frames, (c + 1) * frames);
  },
});
