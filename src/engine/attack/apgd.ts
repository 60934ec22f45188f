import { beginL1, phases } from './apgdL1';
import { StepSchedule } from './apgdSchedule';
import { type Ascent, ascend, type Walker, type WalkerStart } from './ascent';
import { autoStep } from './autoStep';
import { momentumWeight } from './segmentFields';
import type { Attack, LossName, Norm } from './types';

/**
 * Auto-PGD: PGD without a step size to tune. Starts with steps of 2ε, and halves them, going back to the best point, where
 * the loss has stopped growing. The projection is the exact one onto ball and bounds together.
 */
function apgd(name: string, title: string, loss: LossName): Attack {
  const attack: Attack = {
    name,
    title,
    needs: 'gradient',
    norms: ['linf', 'l2', 'l1'],
    // The targeted ratio is another attack.
    ...(loss === 'dlr' ? { leastClasses: 3 } : { targeted: true }),
    defaults: { iterations: 100, restarts: 1, queries: 0 },
    source:
      'Croce & Hein, Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks, ICML 2020, Algorithm 1',
    run: (request) => ascend(attack, request, apgdAscent(loss, request.threat.norm)),
  };
  return attack;
}

export function apgdAscent(loss: LossName, norm?: Norm): Ascent {
  if (norm === 'l1') {
    const path = (iterations: number) => {
      const all = phases(iterations);
      const last = all[all.length - 1]!;
      const evaluations = iterations + all.length;
      return { evaluations, wayIn: evaluations - last.iterations - 1 };
    };
    return { loss, start: 'random', auto: true, step: (radius) => radius, path, begin: beginL1 };
  }
  return { loss, start: 'random', auto: true, step: (radius) => 2 * radius, begin };
}

function begin({ centre, ball, random, iterations, place }: WalkerStart): Walker {
  const size = centre.length;
  const point = new Float32Array(size);
  if (place) place(point);
  else ball.randomStart(centre, random, point);
  const previous = point.slice();
  const best = point.slice();
  const bestGradient = new Float32Array(size);
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
      autoStep(ball, centre, { point, previous, gradient, step: schedule.step, weight: first ? 1 : momentumWeight });
      first = false;
    },
    leaves() {
      // Momentum takes it for a step like others.
      previous.set(point);
      first = false;
    },
  };
}

/** On the cross-entropy: strong in general, blind where the logits are so large that its gradient vanishes. */
export const apgdCe = apgd('apgd-ce', 'Auto-PGD on the cross-entropy', 'ce');

/** On the difference of logits ratio, which does not change when the logits are scaled. Needs three classes. */
export const apgdDlr = apgd('apgd-dlr', 'Auto-PGD on the difference of logits ratio', 'dlr');
