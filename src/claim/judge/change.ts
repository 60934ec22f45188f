import type { Figure } from '../../engine/report/schema';
import type { EvidenceReport } from '../evidence';
import type { StatedFigure } from '../extract';
import { agrees, contradicted, exceeds, fallsShort, interval, share, supported, unsupported } from './agree';
import type { Measured, ModelSubject, Outcome } from './types';
import { voidedBy } from './void';

const falls =
  /\b(?:drop|fall|fell|los[est]|cost|decreas|declin|degrad|reduc|lower|wors|less|fewer|down|sacrific|shed)\w*/i;
const rises = /\b(?:improv|gain|increas|rais|rise|rose|boost|higher|better|more|up|outperform|exceed|above)\w*/i;
const cleanWords = /\b(?:clean|natural|standard|benign|nominal|unperturbed)\b/i;

/** The words about a figure, as far as the next figures. */
function about(plain: string, figure: StatedFigure, all: readonly StatedFigure[]): string {
  const from = Math.max(0, figure.start - 80, ...all.filter(({ end }) => end <= figure.start).map(({ end }) => end));
  const to = Math.min(
    plain.length,
    figure.end + 60,
    ...all.filter(({ start }) => start >= figure.end).map(({ start }) => start),
  );
  return plain.slice(from, to);
}

/** First less second, as far apart as their intervals allow. */
function difference(a: Figure, b: Figure): Figure {
  return { value: a.value - b.value, low: a.low - b.high, high: a.high - b.low, n: Math.min(a.n, b.n) };
}

/** First divided by second; null where that may be by nothing. */
function ratio(a: Figure, b: Figure): Figure | null {
  if (b.low <= 0) return null;
  return { value: a.value / b.value, low: a.low / b.high, high: a.high / b.low, n: Math.min(a.n, b.n) };
}

/**
 * A difference, a drop or a multiple: from the clean to the robust accuracy of one model, or from one model to the other that the
 * sentence names. Where one of the two sides is not known, nothing supports it.
 *
 * @param own the accuracy under the claim's condition, null where that is not clear
 * @param other of the other model under the same condition
 * @param threat name of the threat model, where `own` is of one
 */
export function changed(
  { sentence, facts, baseline }: ModelSubject,
  report: EvidenceReport,
  figure: StatedFigure,
  own: Measured | null,
  other: Figure | null,
  threat?: string,
): Outcome {
  const words = about(sentence.plain, figure, facts.figures);
  const after = sentence.plain.slice(figure.end, figure.end + 24);
  const written = sentence.plain.slice(figure.start, figure.end);
  const times = /[x×]\s*$/i.test(written) || /^\s*(?:[x×]|times\b|-?fold\b)/i.test(after);
  const ofClean = cleanWords.test(words);
  const falling = falls.test(words) && !rises.test(words.replace(falls, ''));
  const sides = ((): readonly [Figure, Figure] | null => {
    if (baseline) {
      const [mine, its] = ofClean ? [report.clean, baseline.clean] : [own?.figure, other];
      if (!mine || !its) return null;
      // Which of the two is above is what the reports say, and not the order of the words.
      return mine.value >= its.value ? [mine, its] : [its, mine];
    }
    return falling && report.clean && own ? [report.clean, own.figure] : null;
  })();
  if (!sides)
    return unsupported(
      'The claim states a change, and the reports do not hold both of its sides; state the two figures that it lies between.',
      own?.pointer ?? null,
    );
  const fault = [report, ...(baseline ? [baseline] : [])]
    .map((one) => voidedBy(one, ofClean || threat === undefined ? 'clean' : 'robust', threat))
    .find(Boolean);
  if (fault) return contradicted(`The evaluation behind this figure is void: ${fault.message}`, own?.pointer ?? null);
  const [upper, lower] = sides;
  const points = /(?:pp|points?|p\.p\.)\s*$/i.test(written) || /^\s*(?:percentage )?points?\b/i.test(after);
  const multiple = ratio(upper, lower);
  const absolute = difference(upper, lower);
  // "A drop of 35 %" may be of the accuracy, or of what it was.
  const relative = multiple && {
    ...(falling
      ? { value: 1 - 1 / multiple.value, low: 1 - 1 / multiple.low, high: 1 - 1 / multiple.high }
      : { value: multiple.value - 1, low: multiple.low - 1, high: multiple.high - 1 }),
    n: multiple.n,
  };
  const meant = times ? (multiple ? [multiple] : []) : points || !relative ? [absolute] : [absolute, relative];
  if (meant.length === 0)
    return unsupported('The claim states a multiple of a figure that may be 0; state both figures.');
  const pointer = own?.pointer ?? '/clean/accuracy';
  if (meant.some((one) => agrees(figure, one))) return supported(pointer);
  const low = Math.min(...meant.map((one) => one.low));
  const high = Math.max(...meant.map((one) => one.high));
  if (!exceeds(figure, { high }) && !fallsShort(figure, { low }))
    return unsupported(
      'Say whether this change is in points or relative: it agrees with the report in neither way.',
      pointer,
    );
  const measured = meant[0]!;
  const shown = times ? `${measured.value.toFixed(2)} times` : `a change of ${interval(measured)}`;
  return contradicted(
    `The report measured ${shown}, not ${times ? figure.value : share(figure.value)}; correct the figure.`,
    pointer,
    [{ figure, measured }],
  );
}
