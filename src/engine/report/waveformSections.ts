import type { AnyReport } from './regression';
import type { ThreatModelReport } from './schema';
import type { Section } from './section';
import { sparkline } from './waveformSvg';

/** Signals shown as lines of text. */
const shown = 6;

/** How loud what broke the signals of a threat model is. */
export function signalToNoiseText({ signalToNoise }: Pick<ThreatModelReport, 'signalToNoise'>): string | null {
  if (!signalToNoise) return null;
  const { n, lowest, median, highest } = signalToNoise;
  return `The perturbations that broke ${n === 1 ? 'one example are' : `${n} examples are`} ${decibels(median)} below the signal (the median; ${decibels(lowest)} the loudest, ${decibels(highest)} the softest).`;
}

/** The gallery of time series for pages without pictures. */
export function waveformSection(report: AnyReport): Section | null {
  const items = report.gallery.filter((item) => item.waveform !== undefined);
  if (items.length === 0) return null;
  return {
    title: 'Signals before and after',
    paragraphs: ['The channel that changed most, drawn to its own height; what was added is drawn to its own, too.'],
    table: {
      columns: ['Example', 'Attack', 'Signal to perturbation', 'Original', 'Adversarial', 'Added'],
      rows: items
        .slice(0, shown)
        .map(({ index, attack, threatModel, waveform }) => [
          String(index),
          `${attack}, ${threatModel}`,
          waveform!.snr === null ? '–' : decibels(waveform!.snr),
          sparkline(waveform!.original),
          sparkline(waveform!.adversarial),
          sparkline(waveform!.difference),
        ]),
    },
  };
}

function decibels(value: number): string {
  return `${value.toFixed(1)} dB`;
}
