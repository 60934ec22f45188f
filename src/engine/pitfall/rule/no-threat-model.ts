import type { PitfallRule } from '../types';
import { listed } from '../words';

/** Nobody said what the attacker may do; the figures hold for a threat model that the tool picked. */
export const noThreatModel: PitfallRule = {
  name: 'no-threat-model',
  severity: 'warning',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Threat Models": without one, claims are not falsifiable',
  check(report) {
    if (report.threatModelStated) return [];
    const assumed = report.threatModels.map(
      ({ name, norm, epsilonText, knowledge }) => `${name}: ${norm}, ε = ${epsilonText}, ${knowledge}`,
    );
    return [
      {
        message:
          assumed.length === 0
            ? 'No threat model is stated, so robustness cannot be spoken of at all.'
            : `No threat model is stated; ${listed(report.threatModels.map(({ name }) => name))} was assumed.`,
        evidence: assumed,
        advice: 'Say in the spec under `threatModels` which norm and ε an attacker of this system really has.',
      },
    ];
  },
};
