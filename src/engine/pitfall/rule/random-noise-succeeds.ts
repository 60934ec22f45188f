import type { Finding, PitfallRule } from '../types';
import { exampleList } from '../words';

/** From so many examples on it is no single one at the edge. */
const decisive = 2;

/** What blind noise finds, an attack with a gradient has to find. */
export const randomNoiseSucceeds: PitfallRule = {
  name: 'random-noise-succeeds',
  severity: 'error',
  source:
    'Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Random sampling finds adversarial examples"; Carlini et al., On Evaluating Adversarial Robustness, 2019, "Try brute-force attacks"',
  check(report) {
    const chance = (report.model.random ?? []).length > 0;
    return (report.checks.randomDraws ?? [])
      .filter(({ broken }) => broken > 0)
      .map(
        ({ threatModel, examples, draws, broken, indices }): Finding => ({
          severity: broken >= decisive && !chance ? 'error' : 'warning',
          message: `Blind random noise breaks ${broken} of ${examples} examples that all attacks on ${threatModel} had left standing.`,
          evidence: [
            `${draws} random points of the ball for each example, confirmed on the original file`,
            `examples that noise broke: ${exampleList(indices)}`,
          ],
          advice: 'Distrust the robust figure; find what stops the attacks, and run stronger ones.',
          mitigation: {
            label: 'Run the thorough suite',
            command: 'rerun',
            changes: { threatModels: [threatModel], suite: 'thorough' },
          },
        }),
      );
  },
};
