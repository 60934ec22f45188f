import type { EvidenceReport } from '../evidence';
import { agrees, contradicted, gravest, interval, share, supported, unsupported } from './agree';
import { isShare } from './stated';
import type { Outcome, Subject } from './types';
import { voidedBy } from './void';

/** A claim about one perturbation for all examples; null for any other claim. */
export function universal({ sentence, facts }: Subject, report: EvidenceReport): Outcome | null {
  if (!/\buniversal(?:ly)? (?:adversarial )?(?:perturb|attack|patch|noise|example)/i.test(sentence.plain)) return null;
  const measured = report.universal;
  if (!measured)
    return unsupported('The report of this model made no universal perturbation; evaluate with `universal`.');
  const stated = facts.figures.filter(
    (figure) => isShare(figure) && (figure.role === 'robust' || figure.role === 'success'),
  );
  if (stated.length === 0)
    return unsupported(
      'The claim gives no figure that could be held against the report; state the accuracy under the perturbation, or its fooling rate.',
      '/universal/accuracy',
    );
  const fault = voidedBy(report, 'robust', measured.threatModel);
  if (fault) return contradicted(`The evaluation behind this figure is void: ${fault.message}`, null);
  const outcomes = stated.map((figure): Outcome => {
    const field = figure.role === 'success' ? 'foolingRate' : 'accuracy';
    const pointer = `/universal/${field}`;
    if (agrees(figure, measured[field])) return supported(pointer);
    return contradicted(
      `The report measured ${interval(measured[field])} under its universal perturbation (${measured.threatModel}), not ${share(figure.value)}; correct the figure.`,
      pointer,
      [{ figure, measured: measured[field] }],
    );
  });
  return gravest(outcomes);
}
