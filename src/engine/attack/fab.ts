import { runFab } from './fabRun';
import { nearestBoundary } from './nearestBoundary';
import { checkRequest } from './request';
import type { Attack } from './types';

/** Untargeted FAB: the boundary that is closest in the linear picture, anew at each step. */
export const fab: Attack = {
  name: 'fab',
  title: 'Fast adaptive boundary attack',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  minimal: true,
  defaults: { iterations: 100, restarts: 5, queries: 0 },
  source:
    'Croce & Hein, Minimally distorted Adversarial Examples with a Fast Adaptive Boundary Attack, ICML 2020, Algorithm 1',
  async run(request) {
    checkRequest(fab, request);
    return runFab(fab, request, [{ key: 'nearest', linearize: await nearestBoundary(request) }]);
  },
};
