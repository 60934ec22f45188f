import type { EvidenceReport } from '../evidence';
import {
  agrees,
  complement,
  contradicted,
  gravest,
  interval,
  overreaching,
  share,
  supported,
  unsupported,
} from './agree';
import { changed } from './change';
import { isShare, quantityOf } from './stated';
import type { Measured, ModelSubject, Outcome } from './types';
import { pitfallPointer, voidedBy } from './void';

/** Whether a text names a shift as the report does, whatever joins the words: `office_photos` for "office photos". */
export function namesShift(text: string, name: string): boolean {
  const words = name.split(/[\s_.-]+/).filter((word) => word !== '');
  if (words.length === 0) return false;
  const pattern = words.map((word) => word.replace(/[*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s_.-]*');
  return new RegExp(`(?<![\\p{L}\\d])${pattern}(?![\\p{L}\\d])`, 'iu').test(text);
}

/** A claim about other data than those of the test set, against the shifts that a report measured. */
export function shift(claim: ModelSubject, report: EvidenceReport): Outcome {
  const { sentence, facts } = claim;
  if (report.shifts.length === 0)
    return unsupported('The report of this model measured no shift; evaluate on the data that the claim speaks of.');
  const named = report.shifts.flatMap((one, i) => (namesShift(sentence.plain, one.name) ? [{ ...one, i }] : []));
  if (named.length === 0)
    return overreaching(
      `The report measured ${report.shifts.map(({ name }) => name).join(', ')} alone; evaluate on the data that the claim speaks of, or name one of these.`,
    );
  const stated = facts.figures.filter(
    (figure) => isShare(figure) && ['robust', 'plain', 'other'].includes(figure.role),
  );
  const clean = (figure: (typeof stated)[number]) =>
    figure.role === 'plain' && report.clean !== null && agrees(figure, report.clean);
  const robust = stated.some((figure) => !clean(figure)) ? stated.filter((figure) => !clean(figure)) : stated;
  const changes = facts.figures.filter(({ role }) => role === 'change');
  const pointer = (i: number) => `/shifts/${i}/accuracy`;
  if (robust.length === 0 && changes.length === 0)
    return unsupported(
      'The claim gives no figure that could be held against the report; state the accuracy on these data.',
      pointer(named[0]!.i),
    );
  const fault = voidedBy(report, 'clean');
  if (fault)
    return contradicted(`The evaluation behind this figure is void: ${fault.message}`, pitfallPointer(report, fault));
  const outcomes = robust.map((figure): Outcome => {
    const quantity = quantityOf(sentence.plain, figure, facts.figures);
    if (quantity !== 'accuracy' && quantity !== 'error')
      return unsupported(
        'The report did not take this measure on other data; state the accuracy.',
        pointer(named[0]!.i),
      );
    const figures = named.map(
      (one): Measured => ({
        figure: quantity === 'error' ? complement(one.accuracy) : one.accuracy,
        pointer: pointer(one.i),
        at: one.name,
      }),
    );
    const match = figures.find((one) => agrees(figure, one.figure));
    if (match) return supported(match.pointer);
    const nearest = [...figures].sort(
      (a, b) => Math.abs(a.figure.value - figure.value) - Math.abs(b.figure.value - figure.value),
    )[0]!;
    return contradicted(
      `The report measured ${interval(nearest.figure)} on ${nearest.at}, not ${share(figure.value)}; correct the figure.`,
      nearest.pointer,
      [{ figure, measured: nearest.figure }],
    );
  });
  const only = named.length === 1 ? named[0]! : null;
  outcomes.push(
    ...changes.map((figure) =>
      changed(
        claim,
        report,
        figure,
        only && { figure: only.accuracy, pointer: pointer(only.i), at: only.name },
        (only && claim.baseline?.shifts.find(({ name }) => name === only.name)?.accuracy) ?? null,
      ),
    ),
  );
  return gravest(outcomes)!;
}
