import { apgdAscent } from './apgd';
import { ascend, type Run } from './ascent';
import { goalOf } from './goal';
import { likeliestTargets } from './targets';
import type { Attack, AttackRequest, LossName } from './types';

/**
 * Targeted Auto-PGD: a climb toward each of the likeliest wrong classes in turn. Its loss is the targeted difference of
 * logits ratio; that compares four logits, so models with fewer classes get the difference z_t − z_y in its place.
 */
export const apgdTargeted: Attack = {
  name: 'apgd-t',
  title: 'Targeted Auto-PGD on the difference of logits ratio',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  defaults: { iterations: 100, restarts: 1, queries: 0, targets: 9 },
  source:
    'Croce & Hein, Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks, ICML 2020, §4 and eq. 7',
  run: (request) => {
    const loss = goalOf(request).loss(targetedLoss(request.oracle.classes));
    const runs = () => targetedRuns(request, loss);
    return ascend(apgdTargeted, request, { ...apgdAscent(loss, request.threat.norm), runs });
  },
};

/** What is climbed toward a class, by how many there are. */
export function targetedLoss(classes: number): LossName {
  return classes >= 4 ? 'dlr-targeted' : 'linear';
}

/** A run for each target and restart, by targets first. */
async function targetedRuns(request: AttackRequest, loss: LossName): Promise<Run[]> {
  const { y, budget } = request;
  const { count, classes } = await likeliestTargets(request);
  return Array.from({ length: count * budget.restarts }, (_, number) => ({
    number,
    aim(row, out) {
      out.fill(0);
      out[classes[row * count + Math.floor(number / budget.restarts)]!] = 1;
      if (loss === 'linear') out[y[row]!] = -1;
    },
  }));
}
