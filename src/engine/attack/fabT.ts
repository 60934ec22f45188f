import { type BoundarySearch, runFab } from './fabRun';
import { checkRequest } from './request';
import { likeliestTargets, type Targets } from './targets';
import type { Attack, AttackRequest } from './types';

/**
 * Targeted FAB: the boundary towards one class at a time, likeliest first, as AutoAttack runs it. Finds small perturbations;
 * those within ε count.
 */
export const fabT: Attack = {
  name: 'fab-t',
  title: 'Targeted fast adaptive boundary attack',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  minimal: true,
  defaults: { iterations: 100, restarts: 1, queries: 0, targets: 9 },
  source:
    'Croce & Hein, Minimally distorted Adversarial Examples with a Fast Adaptive Boundary Attack, ICML 2020, Algorithm 1; targeted as in AutoAttack (ICML 2020, §4)',
  async run(request) {
    checkRequest(fabT, request);
    const targets = await likeliestTargets(request);
    return runFab(
      fabT,
      request,
      Array.from({ length: targets.count }, (_, rank) => towards(request, targets, rank)),
    );
  },
};

/** The search for the boundary to the class of this rank. */
function towards({ oracle, y }: AttackRequest, targets: Targets, rank: number): BoundarySearch {
  const { classes } = oracle;
  return {
    key: `target-${rank}`,
    async linearize(points, rows) {
      const aim = new Float32Array(rows.length * classes);
      const labels = new Int32Array(rows.length);
      rows.forEach((row, k) => {
        labels[k] = y[row]!;
        aim[k * classes + y[row]!] = -1;
        aim[k * classes + targets.classes[row * targets.count + rank]!] = 1;
      });
      const { loss, gradient } = await oracle.gradient(points, labels, 'linear', aim);
      return { difference: loss, gradient };
    },
  };
}
