import type { PitfallRule } from '../types';
import { listed, short } from '../words';

/** Distance between two passes' scores from which AutoAttack calls a model randomised. */
const noticeable = 1e-4;

/** The same example gets other scores in the next pass: one draw of the noise says little about the model. */
export const randomForwardPass: PitfallRule = {
  name: 'random-forward-pass',
  severity: 'error',
  source:
    'AutoAttack (Croce & Hein 2020), checks.py, check_randomized; Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Expectation over Transformation"',
  check(report) {
    const operators = report.model.random ?? [];
    const { forward } = report.checks;
    const moved = forward !== undefined && (forward.spread > noticeable || new Set(forward.correct).size > 1);
    if (operators.length === 0 && !moved) return [];
    const averaged = operators.length > 0 && report.spec.eot !== 1;
    const by = operators.length > 0 ? ` (${listed(operators)})` : '';
    return [
      {
        severity: averaged ? 'warning' : 'error',
        message: averaged
          ? `The model draws random numbers${by}, so its figures are expected ones: another run may differ by chance.`
          : `The model gives other scores in every pass${by}, and attacks saw one draw at a time.`,
        evidence: [
          ...(operators.length > 0 ? [`operators that draw random numbers: ${listed(operators)}`] : []),
          ...(forward === undefined
            ? []
            : [
                `right in ${forward.correct.length} passes over the same ${forward.examples} examples: ${forward.correct.join(', ')}`,
                `largest distance of normalised scores between two passes: ${short(forward.spread)}`,
              ]),
        ],
        advice: averaged
          ? 'Use the suite `rand` with a larger `eot` to narrow the chance, or export the model without its noise or dropout.'
          : 'Export the model in evaluation mode; if the noise is meant, attack its mean over passes (`eot: 20`).',
        ...(averaged
          ? {}
          : { mitigation: { label: 'Run the suite rand', command: 'rerun', changes: { suite: 'rand' } } }),
      },
    ];
  },
};
