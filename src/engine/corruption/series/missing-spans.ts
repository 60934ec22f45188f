import { at } from '../tabular/columns';
import type { Corruption, Fill } from '../types';
import { moments, series } from './signal';

/** Share of the frames. */
const share = [0.05, 0.1, 0.2, 0.3, 0.5] as const;

const words: Readonly<Record<Fill | 'hold', string>> = {
  hold: 'the last value held',
  nan: 'left missing (NaN)',
  mean: "filled with the channel's mean",
  median: "filled with the channel's median",
};

/** One gap in all channels: a logger that was off, a link that was down. */
export const missingSpans = spansFilledBy('hold');

function spansFilledBy(fill: Fill | 'hold'): Corruption {
  return series({
    name: 'missing_spans',
    title: 'Missing spans',
    source: 'severities are our own (docs/series.md)',
    describe: (severity) => `${100 * at(share, severity)} % of the frames, ${words[fill]}`,
    filled: spansFilledBy,
    change({ values, channels, frames }, severity, random) {
      const length = Math.max(1, Math.round(at(share, severity) * frames));
      const start = random.integer(frames - length + 1);
      for (let c = 0; c < channels; c++) {
        const from = c * frames;
        const gap = [from + start, from + start + length] as const;
        values.fill(valueFor(fill, values, from, frames, gap), ...gap);
      }
    },
  });
}

function valueFor(
  fill: Fill | 'hold',
  values: Float32Array,
  from: number,
  frames: number,
  [start, end]: readonly [number, number],
): number {
  if (fill === 'nan') return Number.NaN;
  // At the beginning nothing is there to be held yet: the first value after the gap.
  if (fill === 'hold') return values[start > from ? start - 1 : Math.min(end, from + frames - 1)]!;
  const known = new Float32Array(frames - (end - start));
  known.set(values.subarray(from, start));
  known.set(values.subarray(end, from + frames), start - from);
  if (known.length === 0) return 0;
  if (fill === 'mean') return moments(known, 0, known.length).mean;
  known.sort();
  const middle = known.length >> 1;
  return known.length % 2 === 1 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
}
