import { type Ascent, ascend } from './ascent';
import type { Attack } from './types';

/**
 * Fast gradient sign method: one step of length ε along the steepest ascent of the cross-entropy. Too weak to rest a
 * robustness figure on; it is here because comparing it with iterative attacks reveals masked gradients.
 */
export const fgsm: Attack = {
  name: 'fgsm',
  title: 'Fast gradient sign method',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  defaults: { iterations: 1, restarts: 1, queries: 0 },
  source: 'Goodfellow, Shlens & Szegedy, Explaining and Harnessing Adversarial Examples, ICLR 2015, §4',
  run: (request) => ascend(fgsm, { ...request, budget: fgsm.defaults }, ascent),
};

const ascent: Ascent = {
  loss: 'ce',
  start: 'centre',
  auto: false,
  step: (radius) => radius,
  begin({ centre, ball }) {
    const point = centre.slice();
    const target = new Float64Array(centre.length);
    return {
      point,
      advance(_loss, gradient) {
        ball.steepestAscent(gradient, point, target);
        for (let i = 0; i < target.length; i++) target[i] = centre[i]! + ball.radius * target[i]!;
        ball.project(centre, target, point);
      },
    };
  },
};
