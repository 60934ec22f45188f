import type { Report } from '../../report/schema';
import type { PitfallRule } from '../types';
import { figureText, percent } from '../words';

/** By how much more the iterative attack leaves standing: beyond the luck of single examples, and beyond doubt. */
const noticeable = 0.02;
const decisive = 0.05;

/** One step breaks more than many do: the gradients lead the attack astray. */
export const iterativeWeakerThanSingleStep: PitfallRule = {
  name: 'iterative-weaker-than-single-step',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Perform Basic Sanity Tests"; Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Identifying Obfuscated & Masked Gradients"',
  check(report) {
    return weakerIterative(report).map(({ threatModel, fgsm, iterative, decided }) => ({
      severity: decided ? 'error' : 'warning',
      message: `Under ${threatModel} one gradient step leaves ${percent(fgsm.value)} standing, many steps ${percent(iterative.value)}: the gradients mislead the attack.`,
      evidence: [
        `single-step attack: ${figureText(fgsm)}`,
        `iterative attack, same examples: ${figureText(iterative)}`,
      ],
      advice: 'Distrust the robust figure; find what masks the gradient, and attack through it.',
    }));
  },
};

/** Threat models under which the iterative attack did worse by more than chance, both measured to the end. */
export function weakerIterative({ checks }: Report) {
  return checks.singleStep
    .map((check) => ({ ...check, excess: check.iterative.value - check.fgsm.value }))
    .filter(({ excess, fgsm }) => excess >= noticeable - 1e-9 && Math.round(excess * fgsm.n) >= 2)
    .map(({ excess, ...check }) => ({
      ...check,
      decided: excess >= decisive - 1e-9 && Math.round(excess * check.fgsm.n) >= 3,
    }));
}
