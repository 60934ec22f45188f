import type { Envelope, Waveform } from '../../src/engine/report/waveform';
import { h, svg } from '../dom';
import { significant } from '../format';

const WIDTH = 300;
const [TALL, FLAT, GAP] = [90, 34, 20];
const NOTHING: Envelope = { low: [0], high: [0] };

/** A series before and after an attack and, below, magnified, what was added to it. */
export function waveform(wave: Waveform): HTMLElement {
  const { original, adversarial, difference, frames, sampleRate, snr } = wave;
  const both = scaleOf([original, adversarial], TALL, 4);
  const beside = scaleOf([difference, NOTHING], FLAT, 4 + TALL + GAP);
  const height = 4 + TALL + GAP + FLAT + 4;
  const length = sampleRate === undefined ? `${frames} frames` : `${significant(frames / sampleRate)} s`;
  const loud = snr === null ? null : `${snr.toFixed(1)} dB signal to perturbation`;
  return h(
    'figure',
    { class: 'waveform' },
    svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': describe(wave) },
      svg('path', { class: 'wave', d: outline(original, both) }),
      svg('path', { class: 'wave wave-changed', d: outline(adversarial, both) }),
      svg('line', { class: 'wave-rest', x1: 0, x2: WIDTH, y1: beside.y(0), y2: beside.y(0) }),
      svg('path', { class: 'wave wave-changed', d: outline(difference, beside) }),
      svg(
        'text',
        { x: 0, y: 4 + TALL + GAP - 5 },
        `added, ×${significant(Math.max(1, beside.magnification / both.magnification))}`,
      ),
    ),
    h('figcaption', {}, [channelOf(wave), length, loud].filter((part) => part !== null).join(', ')),
  );
}

function channelOf({ channel, channels }: Waveform): string | null {
  return channels > 1 ? `channel ${channel} of ${channels}` : null;
}

function describe({ channel, channels, snr }: Waveform): string {
  const which = channels > 1 ? `Channel ${channel} of ${channels}` : 'The series';
  const loud = snr === null ? '' : `, and the perturbation, ${snr.toFixed(1)} dB below the signal`;
  return `${which} before and after the attack${loud}`;
}

interface Scale {
  readonly magnification: number;
  y(value: number): number;
}

function scaleOf(envelopes: readonly Envelope[], height: number, top: number): Scale {
  const values = envelopes.flatMap(({ low, high }) => [...low, ...high]).filter(Number.isFinite);
  const least = values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
  const most = values.reduce((a, b) => Math.max(a, b), values[0] ?? 0);
  const magnification = most > least ? height / (most - least) : 1;
  return { magnification, y: (value) => round(top + height - (value - least) * magnification) };
}

/** A line, or the area between low and high where several frames share a place. */
function outline({ low, high }: Envelope, { y }: Scale): string {
  const x = (k: number) => round((k * WIDTH) / Math.max(1, low.length - 1));
  const forth = high.map((value, k) => `${x(k)} ${y(value)}`);
  if (low.every((value, k) => value === high[k])) return `M${forth.join('L')}`;
  const back = low.map((value, k) => `${x(k)} ${y(value)}`).reverse();
  return `M${[...forth, ...back].join('L')}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
