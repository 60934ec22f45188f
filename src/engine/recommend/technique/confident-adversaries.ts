import type { Technique } from '../types';
import { above, largest, listed, pointerTo } from '../words';

/** Share of adversarial examples that the model is at least 90 % sure of. */
const most = 0.5;

/** Where a threshold on the confidence would let adversarial examples through. */
export const confidentAdversaries: Technique = {
  name: 'confidence-calibrated-training',
  title: 'Adversarial training towards low confidence',
  sources: [],
  recovered: null,
  lost: 0,
  check({ calibration, data }) {
    // It follows the gradient of the input, which characters have not.
    if (data.kind === 'text') return null;
    const failing = (calibration?.attacked ?? []).flatMap(({ threatModel, broken, ece }, i) =>
      broken.n > 0 && broken.sure.value > most ? [{ threatModel, i, value: broken.sure.value, ece: ece.value }] : [],
    );
    if (failing.length === 0) return null;
    return {
      triggers: failing.map(({ i, threatModel, value }) =>
        above(
          pointerTo(`/calibration/attacked/${i}/broken/sure`),
          `adversarial examples of at least 90 % confidence (${threatModel})`,
          value,
          most,
        ),
      ),
      why: `Under ${listed(failing.map(({ threatModel }) => threatModel))} the model is sure of most of its wrong answers: no threshold on the confidence would hold them back.`,
      action:
        'Train adversarially, and let the confidence fall towards that of a guess with the size of the perturbation (Stutz, Hein & Schiele, Confidence-Calibrated Adversarial Training, ICML 2020); evaluate with attacks that look for confidence.',
      gates: failing.map(({ threatModel }) => `calibration(${threatModel}) <= 0.20`),
      shortfall: { calibration: largest(failing.map(({ ece }) => ece)) },
    };
  },
};
