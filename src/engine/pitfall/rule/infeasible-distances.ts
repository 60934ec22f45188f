import type { Finding, PitfallRule } from '../types';
import { exampleList, percent, short } from '../words';

/** Share of the sample, and examples, from which on it is no single odd one. */
const noticeable = 0.05;
const several = 2;
/** Distances are sums of float32: what agrees to this is the same. */
const rounding = 1e-4;

/** Attacks that look for the smallest perturbation come less close than points that take no attack. */
export const infeasibleDistances: PitfallRule = {
  name: 'infeasible-distances',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Perform Basic Sanity Tests" (a median l2 distance of 9 and more on MNIST is infeasible: every image is nearer to a uniform one)',
  check(report) {
    return (report.checks.references ?? []).flatMap((reference): Finding[] => {
      const { threatModel, examples, found, closer, medianFound, medianReference, indices } = reference;
      const impossible =
        medianReference !== null && (medianFound === null || medianFound > medianReference * (1 + rounding));
      if (!impossible && (closer < several || closer < noticeable * examples)) return [];
      const half =
        medianFound === null
          ? 'no smallest perturbation for half of the examples'
          : `a median of ${short(medianFound)}`;
      return [
        {
          severity: impossible ? 'error' : 'warning',
          message: impossible
            ? `The attacks on ${threatModel} found ${half}, which cannot be: uniform images and examples of other classes are at ${short(medianReference)}.`
            : `Uniform images or examples of other classes are closer than all that the attacks on ${threatModel} found for ${closer} of ${examples} examples.`,
          evidence: [
            `median of what the attacks found: ${medianFound === null ? 'none' : short(medianFound)}; to the nearest uniform image or example of another class, confirmed on the original file: ${medianReference === null ? 'none' : short(medianReference)}`,
            `such a point is known of ${found} of ${examples} examples, and closer than any attack's of ${closer} (${percent(closer / Math.max(1, examples))})`,
            `examples: ${exampleList(indices)}`,
          ],
          advice: 'Distrust the smallest perturbations and the robust figure: find what stops the attacks.',
          mitigation: {
            label: 'Run the thorough suite',
            command: 'rerun',
            changes: { threatModels: [threatModel], suite: 'thorough' },
          },
        },
      ];
    });
  },
};
