import type { AnyReport } from '../../report/regression';
import type { Finding, Technique } from '../types';
import { listed } from '../words';

/** Figures that a pitfall voids ask for no defence: they ask for an evaluation that can be read. */
export const evaluateProperly: Technique = {
  name: 'evaluate-properly',
  title: 'Evaluate properly first',
  sources: [],
  recovered: null,
  lost: 0,
  first: 0,
  check: voided,
  checkOutputs: voided,
};

function voided({ pitfalls }: AnyReport): Finding | null {
  const triggers = pitfalls.flatMap(({ rule, severity, message }, i) =>
    severity === 'error'
      ? [
          {
            pointer: `/pitfalls/${i}`,
            label: rule,
            value: message,
            relation: 'present' as const,
            threshold: null,
            text: `${rule}: ${message}`,
          },
        ]
      : [],
  );
  if (triggers.length === 0) return null;
  const advice = pitfalls.filter(({ severity }) => severity === 'error').map((pitfall) => pitfall.advice);
  return {
    triggers,
    why: `${triggers.length === 1 ? 'A pitfall voids' : `${triggers.length} pitfalls void`} the figures that a defence would be chosen by: ${listed([...new Set(triggers.map(({ label }) => label))])}.`,
    action: [...new Set(advice)].join(' '),
    gates: [],
    evidence: 'A report without pitfalls of severity error.',
    shortfall: {},
  };
}
