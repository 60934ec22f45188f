import type { EvidenceReport } from '../evidence';
import { agrees, contradicted, interval, overreaching, share, supported, unsupported } from './agree';
import { isShare } from './stated';
import type { Measured, Outcome, Subject } from './types';
import { pitfallPointer, voidedBy } from './void';

const rotation = /\brotat/i;
const translation = /\btranslat(?:ion|ed|ing)|\bshift(?:s|ed)? (?:by|of) (?:up to )?[±+]?\d+ pixels?/i;
const degrees = /[±+]?\s?(\d+(?:\.\d+)?)\s?(?:°|degrees?\b|deg\b)/gi;
const pixels = /[±+]?\s?(\d+(?:\.\d+)?)\s?(?:pixels?|px)\b/gi;

/** A claim about rotations and shifts of images; null for any other claim, and where the report measured none. */
export function spatial({ sentence, facts }: Subject, report: EvidenceReport): Outcome | null {
  const { plain } = sentence;
  const measured = report.spatial;
  const turned = rotation.test(plain);
  const moved = translation.test(plain);
  if (!measured || (!turned && !moved)) return null;
  const widest = (pattern: RegExp) => Math.max(...[...plain.matchAll(pattern)].map((match) => Number(match[1])));
  const [angle, way] = [widest(degrees), widest(pixels)];
  if (turned && angle > measured.rotation)
    return overreaching(
      `This claims rotations of ${angle}°, but the report turned images by at most ${measured.rotation}°; evaluate these, or claim what was measured.`,
    );
  if (moved && way > measured.translation)
    return overreaching(
      `This claims shifts by ${way} pixels, but the report moved images by at most ${measured.translation}; evaluate these, or claim what was measured.`,
    );
  const stated = facts.figures.filter(
    (figure) => isShare(figure) && ['robust', 'plain', 'other'].includes(figure.role) && !degreesAt(plain, figure.end),
  );
  if (stated.length === 0)
    return unsupported(
      'The claim gives no figure that could be held against the report; state the accuracy in the worst case over rotations and shifts.',
      '/spatial/worstCase',
    );
  const fault = voidedBy(report, 'clean');
  if (fault)
    return contradicted(`The evaluation behind this figure is void: ${fault.message}`, pitfallPointer(report, fault));
  // A single angle, and not all up to it: "turned by 30°".
  const single = turned && Number.isFinite(angle) && !/\b(?:up to|within|at most|between|random)\b|±/i.test(plain);
  const candidates: Measured[] = [
    { figure: measured.worstCase, pointer: '/spatial/worstCase', at: 'worst case over rotations and shifts' },
    ...(single
      ? measured.byRotation.flatMap((one, i) =>
          Math.abs(one.rotation) === angle
            ? [
                {
                  figure: one.accuracy,
                  pointer: `/spatial/byRotation/${i}/accuracy`,
                  at: `rotation by ${one.rotation}°`,
                },
              ]
            : [],
        )
      : []),
  ];
  const wrong = stated.find((figure) => !candidates.some((one) => agrees(figure, one.figure)));
  const meant = wrong ?? stated[0]!;
  const nearest = [...candidates].sort(
    (a, b) => Math.abs(a.figure.value - meant.value) - Math.abs(b.figure.value - meant.value),
  )[0]!;
  if (!wrong) return supported(nearest.pointer);
  // The worst case over fewer rotations than were measured is not known.
  const covers = single || (turned ? angle === measured.rotation || !Number.isFinite(angle) : true);
  if (!covers && wrong.value >= measured.worstCase.low)
    return unsupported(
      `The report measured the worst case over ${measured.rotation}° and ${measured.translation} pixels (${interval(measured.worstCase)}), and not over less; claim that.`,
      '/spatial/worstCase',
    );
  return contradicted(
    `The report measured ${interval(nearest.figure)} (${nearest.at}), not ${share(wrong.value)}; correct the figure.`,
    nearest.pointer,
    [{ figure: wrong, measured: nearest.figure }],
  );
}

const degreesAt = (text: string, end: number) => /^\s?(?:°|deg)/i.test(text.slice(end));
