import { apgdAscent } from './apgd';
import { ascend, type Run } from './ascent';
import { likeliestTargets } from './targets';
import type { Attack, AttackRequest } from './types';

/**
 * A climb of z_t − z_y toward each of the likeliest wrong classes: where the untargeted loss leads to one class at first,
 * another may be the one within reach. Unlike a ratio of logits, a difference of two is piecewise linear where the network is.
 */
export const multiTargeted: Attack = {
  name: 'mt-pgd',
  title: 'Multi-targeted PGD on differences of logits',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  defaults: { iterations: 100, restarts: 1, queries: 0, targets: 9 },
  source:
    'Gowal et al., An Alternative Surrogate Loss for PGD-based Adversarial Testing, 2019, Algorithm 1; steps of Auto-PGD',
  run(request) {
    const ascent = apgdAscent('linear', request.threat.norm);
    return ascend(multiTargeted, request, { ...ascent, runs: () => marginRuns(request) });
  },
};

/** A climb of z_t − z_y for one of the targets. */
export interface MarginRun extends Run {
  readonly restart: number;
  readonly aim: NonNullable<Run['aim']>;
}

/** A run for each target and restart, by targets first, that climbs z_t − z_y. */
export async function marginRuns(request: AttackRequest): Promise<MarginRun[]> {
  const { y, budget, targets } = request;
  const { count, classes } = await likeliestTargets(request);
  return Array.from({ length: count * budget.restarts }, (_, number) => ({
    number,
    restart: number % budget.restarts,
    aim(row, out) {
      out.fill(0);
      out[classes[row * count + Math.floor(number / budget.restarts)]!] = 1;
      // Toward a class that has to be predicted, all others count, by a loss that takes the target alone.
      if (!targets) out[y[row]!] = -1;
    },
  }));
}
