import { z } from 'zod';

/** Least and greatest value in each of equally long stretches of time. */
const envelopeSchema = z.strictObject({ low: z.array(z.number()), high: z.array(z.number()) });
export type Envelope = z.infer<typeof envelopeSchema>;

/** A time series before and after an attack: the channel that changed most. */
export const waveformSchema = z.strictObject({
  channel: z.number().int(),
  channels: z.number().int(),
  frames: z.number().int(),
  /** Frames a second, where it is known. */
  sampleRate: z.number().optional(),
  /** Power of the signal over that of the perturbation, all channels together, in dB; null where either is 0. */
  snr: z.number().nullable(),
  original: envelopeSchema,
  adversarial: envelopeSchema,
  /** Adversarial less original. */
  difference: envelopeSchema,
});
export type Waveform = z.infer<typeof waveformSchema>;

/** Of what broke the examples of a threat model: signal over perturbation, in dB. */
export const signalToNoiseSchema = z.strictObject({
  n: z.number().int(),
  /** The loudest perturbation. */
  lowest: z.number(),
  median: z.number(),
  highest: z.number(),
});
export type SignalToNoise = z.infer<typeof signalToNoiseSchema>;

/** Stretches that a chart of a thousand pixels shows. */
const stretches = 160;

/**
 * @param shape [channels, frames]
 */
export function waveformOf(
  before: Float32Array,
  after: Float32Array,
  shape: readonly number[],
  sampleRate: number | undefined,
): Waveform {
  const [channels = 1, frames = before.length] = shape;
  const difference = after.map((value, i) => value - before[i]!);
  let channel = 0;
  let most = -1;
  for (let c = 0; c < channels; c++) {
    let energy = 0;
    for (let t = c * frames; t < (c + 1) * frames; t++) energy += difference[t]! ** 2;
    if (energy > most) [channel, most] = [c, energy];
  }
  const own = (values: Float32Array) => envelope(values.subarray(channel * frames, (channel + 1) * frames));
  const ratio = signalToPerturbation(before, after, channels);
  return {
    channel,
    channels,
    frames,
    ...(sampleRate === undefined ? {} : { sampleRate }),
    snr: Number.isFinite(ratio) ? Number(ratio.toFixed(2)) : null,
    original: own(before),
    adversarial: own(after),
    difference: own(difference),
  };
}

/**
 * 10 log₁₀ of the power of a series over that of what was added to it, each over all channels; the signal's is about the
 * mean of its channel, since sensors rest at any value. Infinite where one of them is 0.
 */
export function signalToPerturbation(before: Float32Array, after: Float32Array, channels: number): number {
  const frames = before.length / channels;
  let [signal, noise] = [0, 0];
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let t = c * frames; t < (c + 1) * frames; t++) sum += before[t]!;
    const mean = sum / frames;
    for (let t = c * frames; t < (c + 1) * frames; t++) {
      signal += (before[t]! - mean) ** 2;
      noise += (after[t]! - before[t]!) ** 2;
    }
  }
  return 10 * Math.log10(signal / noise);
}

/** Over the examples that were broken; null where there is none with a signal and a perturbation. */
export function signalToNoiseOf(decibels: readonly number[]): SignalToNoise | null {
  const sorted = decibels.filter(Number.isFinite).sort((a, b) => a - b);
  const n = sorted.length;
  if (n === 0) return null;
  const round = (value: number) => Number(value.toFixed(2));
  const median = n % 2 === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
  return { n, lowest: round(sorted[0]!), median: round(median), highest: round(sorted[n - 1]!) };
}

function envelope(values: Float32Array): Envelope {
  const count = Math.min(stretches, values.length);
  const low: number[] = [];
  const high: number[] = [];
  for (let k = 0; k < count; k++) {
    const start = Math.floor((k * values.length) / count);
    const end = Math.floor(((k + 1) * values.length) / count);
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let t = start; t < end; t++) {
      least = Math.min(least, values[t]!);
      greatest = Math.max(greatest, values[t]!);
    }
    low.push(Number(least.toPrecision(5)));
    high.push(Number(greatest.toPrecision(5)));
  }
  return { low, high };
}
