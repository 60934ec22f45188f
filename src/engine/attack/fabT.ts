import { runFab } from './fabRun';
import { towardsTarget } from './nearestBoundary';
import { checkRequest } from './request';
import { likeliestTargets } from './targets';
import type { Attack } from './types';

/**
 * Targeted FAB: the boundary towards one class at a time, likeliest first, as AutoAttack runs it. Finds small perturbations;
 * those within ε count.
 */
export const fabT: Attack = {
  name: 'fab-t',
  title: 'Targeted fast adaptive boundary attack',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
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
      Array.from({ length: targets.count }, (_, rank) => ({
        key: `target-${rank}`,
        linearize: (points, rows) => towardsTarget(request, targets, rank, points, rows),
      })),
    );
  },
};
