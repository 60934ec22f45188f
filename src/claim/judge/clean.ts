import type { Figure } from '../../engine/report/schema';
import type { EvidenceReport } from '../evidence';
import { agrees, complement, contradicted, interval, share, supported, unsupported } from './agree';
import { isShare, type Quantity, quantityOf } from './stated';
import type { Outcome, Subject } from './types';
import { pitfallPointer, voidedBy } from './void';

const pointers: Readonly<Partial<Record<Quantity, string>>> = {
  accuracy: '/clean/accuracy',
  error: '/clean/accuracy',
  f1: '/clean/f1Macro',
  auc: '/clean/rocAuc',
  precision: '/clean/precisionMacro',
  recall: '/clean/recallMacro',
  ece: '/clean/ece',
};

function measuredAs(report: EvidenceReport, quantity: Quantity): Figure | null {
  const { clean, metrics } = report;
  if (quantity === 'accuracy') return clean;
  if (quantity === 'error') return clean && complement(clean);
  if (quantity === 'stability' || quantity === 'mce' || quantity === 'other') return null;
  return metrics[quantity] ?? null;
}

/** Clean figures beside a claim: null for none that the report could bear out. */
export function clean(
  { facts, sentence }: Pick<Subject, 'facts' | 'sentence'>,
  report: EvidenceReport,
): Outcome | null {
  const outcomes: Outcome[] = [];
  for (const figure of facts.figures) {
    if (figure.role !== 'clean' || !isShare(figure)) continue;
    const quantity = quantityOf(sentence.plain, figure, facts.figures);
    const measured = measuredAs(report, quantity);
    const pointer = pointers[quantity] ?? null;
    if (!measured) {
      // Metrics that are averaged otherwise, or of no report at all, say nothing against the claim.
      if (quantity === 'accuracy') outcomes.push(unsupported('The report holds no clean accuracy; evaluate it.'));
      continue;
    }
    const fault = voidedBy(report, 'clean');
    if (fault) {
      const at = pitfallPointer(report, fault);
      outcomes.push(contradicted(`The evaluation behind this figure is void: ${fault.message}`, at));
    } else if (agrees(figure, measured)) outcomes.push(supported(pointer));
    // How F1, AUC and the like were averaged is seldom said: only accuracy is surely the same measure.
    else if (quantity === 'accuracy' || quantity === 'error')
      outcomes.push(
        contradicted(
          `The report measured a clean ${quantity} of ${interval(measured)}, not ${share(figure.value)}; correct the figure.`,
          pointer,
          [{ figure, measured }],
        ),
      );
  }
  const worst = outcomes.find(({ verdict }) => verdict === 'contradicted');
  return worst ? { ...worst, wrong: outcomes.flatMap(({ wrong }) => wrong) } : (outcomes[0] ?? null);
}
