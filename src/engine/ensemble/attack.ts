import { apgdCe } from '../attack/apgd';
import type { Attack, Oracle } from '../attack/types';

/**
 * Auto-PGD on the mean of the members' logits, for an ensemble that decides by probabilities or votes. Where some members are
 * sure of one class and others of another, mean probabilities are flat, and so is a loss of them: a gradient that vanishes there is
 * masked, not robust. The mean of logits goes on (Dong et al. 2018, §3.4: fusion in logits transfers best). What the ensemble
 * itself decides says what is broken.
 *
 * @param opened decides as the ensemble does; its losses and gradients are of the mean of logits
 */
export function throughLogitsOf(opened: () => Promise<Oracle>): Attack {
  return {
    name: 'apgd-ce-logits',
    title: 'Auto-PGD through the mean of logits',
    needs: 'gradient',
    norms: apgdCe.norms,
    defaults: { iterations: 50, restarts: 1, queries: 0 },
    source: 'Croce & Hein, ICML 2020; Dong et al., Boosting Adversarial Attacks with Momentum, CVPR 2018, §3.4',
    async run(request) {
      const oracle = await opened();
      const before = { ...oracle.counts };
      const result = await apgdCe.run({ ...request, oracle });
      request.oracle.counts.forwards += oracle.counts.forwards - before.forwards;
      request.oracle.counts.backwards += oracle.counts.backwards - before.backwards;
      return result;
    },
  };
}
