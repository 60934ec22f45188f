import { curveFault } from '../evidence';
import type { PitfallRule } from '../types';

/** A larger budget contains the smaller: an attack that does not get stronger with it has got stuck. */
export const successNotGrowingWithEpsilon: PitfallRule = {
  name: 'success-not-growing-with-epsilon',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Perform Basic Sanity Tests"; Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Identifying Obfuscated & Masked Gradients"',
  check(report) {
    // The last points of the curve are measured last.
    if (report.status.state !== 'complete') return [];
    return report.threatModels.flatMap((threat) => {
      const fault = curveFault(report, threat);
      if (fault === null) return [];
      return [
        {
          message: `The attack on ${threat.name} does not get stronger with ε: ${fault.what}.`,
          evidence: fault.evidence,
          advice:
            'Attack with more iterations, restarts and another loss; if that changes nothing, the gradients are masked.',
        },
      ];
    });
  },
};
