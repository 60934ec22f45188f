import type { Signal } from './signal';
import { moments } from './signal';

/** dB below the signal, severity 1 to 5. */
export const signalToNoise = [20, 15, 10, 5, 0] as const;

/**
 * Adds noise to every channel at a ratio of powers, of the noise that was drawn and not of the one that it is drawn
 * from, as recordings are mixed. The power of a channel is the mean square about its mean, since sensors rest at any
 * value; a channel that does not vary has none and stays as it is.
 *
 * @param draw fills an array with noise of mean 0
 */
export function addNoise(
  { values, channels, frames }: Signal,
  decibels: number,
  draw: (out: Float64Array) => void,
): void {
  const noise = new Float64Array(frames);
  for (let c = 0; c < channels; c++) {
    const from = c * frames;
    draw(noise);
    let squares = 0;
    for (let i = 0; i < frames; i++) squares += noise[i]! * noise[i]!;
    const { power } = moments(values, from, frames);
    const gain = squares > 0 ? Math.sqrt((power * frames) / (squares * 10 ** (decibels / 10))) : 0;
    for (let i = 0; i < frames; i++) values[from + i]! += gain * noise[i]!;
  }
}
