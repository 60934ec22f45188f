import { StepSchedule } from './apgdSchedule';
import { ascend, type Walker, type WalkerStart } from './ascent';
import type { Attack, LossName } from './types';

/** Weight of the new step against the momentum of the last one (Croce & Hein 2020, §3.1). */
const momentum = 0.75;

/**
 * Auto-PGD: PGD without a step size to tune. Starts with steps of 2ε, and halves them, going back to the best point, where
 * the loss has stopped growing. The projection is the exact one onto ball and bounds together.
 */
function apgd(name: string, title: string, loss: LossName): Attack {
  const attack: Attack = {
    name,
    title,
    needs: 'gradient',
    norms: ['linf', 'l2'],
    defaults: { iterations: 100, restarts: 1, queries: 0 },
    source:
      'Croce & Hein, Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks, ICML 2020, Algorithm 1',
    run: (request) => ascend(attack, request, loss, walk),
  };
  return attack;
}

function walk({ centre, ball, random, iterations }: WalkerStart): Walker {
  const size = centre.length;
  const point = new Float32Array(size);
  ball.randomStart(centre, random, point);
  const previous = point.slice();
  const best = point.slice();
  const bestGradient = new Float32Array(size);
  const proposal = new Float32Array(size);
  const target = new Float64Array(size);
  const schedule = new StepSchedule(iterations, 2 * ball.radius);
  let bestLoss = Number.NEGATIVE_INFINITY;
  let first = true;

  return {
    point,
    advance(loss, gradientHere) {
      let gradient = gradientHere;
      if (first || loss > bestLoss) {
        best.set(point);
        bestGradient.set(gradient);
        bestLoss = loss;
      }
      if (schedule.observe(loss)) {
        point.set(best);
        gradient = bestGradient;
      }
      ball.steepestAscent(gradient, point, target);
      for (let i = 0; i < size; i++) target[i] = point[i]! + schedule.step * target[i]!;
      ball.project(centre, target, proposal);
      const a = first ? 1 : momentum;
      for (let i = 0; i < size; i++) {
        const here = point[i]!;
        target[i] = here + a * (proposal[i]! - here) + (1 - a) * (here - previous[i]!);
        previous[i] = here;
      }
      ball.project(centre, target, point);
      first = false;
    },
  };
}

/** On the cross-entropy: strong in general, blind where the logits are so large that its gradient vanishes. */
export const apgdCe = apgd('apgd-ce', 'Auto-PGD on the cross-entropy', 'ce');

/** On the difference of logits ratio, which does not change when the logits are scaled. Needs three classes. */
export const apgdDlr = apgd('apgd-dlr', 'Auto-PGD on the difference of logits ratio', 'dlr');
