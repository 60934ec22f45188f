import { conclusive, finished } from '../evidence';
import type { PitfallRule } from '../types';
import { percent } from '../words';

/** Share of input values without gradient at the examples, and how much fewer there must be at lower contrast. */
const noticeable = 0.3;
const factor = 0.5;

/** Values at the ends of the range are cut off by the model: small changes of them have no effect and no gradient. */
export const clippedInput: PitfallRule = {
  name: 'clipped-input',
  severity: 'warning',
  source:
    'Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Shattered Gradients" (thresholds and discretised inputs); Pintor et al., Indicators of Attack Failure, NeurIPS 2022, "unavailable gradients"',
  check(report) {
    const { deadInputs } = report.checks;
    const threats = finished(report).filter(({ knowledge }) => knowledge === 'white-box');
    if (deadInputs === undefined || threats.length === 0 || report.status.state === 'running') return [];
    const { examples, clean, inside } = deadInputs;
    if (clean < noticeable || inside > factor * clean) return [];
    return [
      {
        severity: threats.every(conclusive) ? 'info' : 'warning',
        message: `The gradient of ${percent(clean)} of the input values is exactly zero at the examples, but of ${percent(inside)} at lower contrast: the model clips its input.`,
        evidence: [
          `values without gradient at ${examples} examples: ${percent(clean)}`,
          `at the same examples with a half or a fifth of their contrast: ${percent(inside)}`,
        ],
        advice:
          'Attack from random starts and with `square`, or through a substitute without the clip; if the clip belongs to the system, say so beside the figure.',
        mitigation: {
          label: 'Run with 5 restarts',
          command: 'rerun',
          changes: { threatModels: threats.map(({ name }) => name), restarts: 5 },
        },
      },
    ];
  },
};
