import type { Envelope, Waveform } from './waveform';

const width = 320;
const [tall, flat, gap] = [96, 40, 18];

/** A series before and after an attack, and below, magnified, what was added to it; colours are those of the page. */
export function waveformSvg(waveform: Waveform): string {
  const { original, adversarial, difference, frames, sampleRate } = waveform;
  const both = scaleOf([original, adversarial], tall, 12);
  const beside = scaleOf([difference, { low: [0], high: [0] }], flat, 12 + tall + gap);
  const end = sampleRate === undefined ? `${frames} frames` : `${short(frames / sampleRate)} s`;
  const height = 12 + tall + gap + flat + 16;
  return (
    `<svg class="waveform" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describeWaveform(waveform)}">` +
    `<path class="wave" d="${outline(original, both)}"/>` +
    `<path class="wave-changed" d="${outline(adversarial, both)}"/>` +
    `<text x="0" y="${12 + tall + gap - 5}">added (× ${short(beside.magnification / both.magnification)})</text>` +
    `<path class="wave-changed" d="${outline(difference, beside)}"/>` +
    `<text x="${width}" y="${height - 3}" text-anchor="end">${end}</text>` +
    '</svg>'
  );
}

/** In words, for whoever does not see the chart. */
export function describeWaveform({ channel, channels, snr }: Waveform): string {
  const which = channels > 1 ? `Channel ${channel} of ${channels}` : 'The series';
  return `${which} before and after the attack${snr === null ? '' : `; the perturbation is ${Math.abs(snr).toFixed(1)} dB ${snr < 0 ? 'above' : 'below'} the signal`}`;
}

const steps = '▁▂▃▄▅▆▇█';

/** A series as a line of text. */
export function sparkline({ low, high }: Envelope, length = 32): string {
  const middle = low.map((value, k) => (value + high[k]!) / 2);
  const least = middle.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = middle.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const count = Math.min(length, middle.length);
  return Array.from({ length: count }, (_, k) => {
    const value = middle[Math.floor((k * middle.length) / count)]!;
    return steps[most > least ? Math.min(7, Math.floor((8 * (value - least)) / (most - least))) : 0];
  }).join('');
}

interface Scale {
  readonly magnification: number;
  y(value: number): number;
}

function scaleOf(envelopes: readonly Envelope[], height: number, top: number): Scale {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { low, high } of envelopes) {
    for (const value of low) least = Math.min(least, value);
    for (const value of high) most = Math.max(most, value);
  }
  const magnification = most > least ? height / (most - least) : 1;
  return { magnification, y: (value) => top + height - (value - least) * magnification };
}

/** A line, or the area between low and high where several frames share a place. */
function outline({ low, high }: Envelope, { y }: Scale): string {
  const x = (k: number) => round((k * width) / Math.max(1, low.length - 1));
  const forth = high.map((value, k) => `${x(k)} ${round(y(value))}`);
  if (low.every((value, k) => value === high[k])) return `M${forth.join('L')}`;
  return `M${[...forth, ...low.map((value, k) => `${x(k)} ${round(y(value))}`).reverse()].join('L')}Z`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
