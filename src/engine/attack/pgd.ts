import { type Ascent, ascend, type Walker, type WalkerStart } from './ascent';
import type { Attack } from './types';

/** Projected gradient descent (on the negative cross-entropy) from random starts, with steps of 2.5·ε/iterations. */
export const pgd: Attack = {
  name: 'pgd',
  title: 'Projected gradient descent',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  defaults: { iterations: 40, restarts: 1, queries: 0 },
  source: 'Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks, ICLR 2018, §2.1 and §5',
  run: (request) => ascend(pgd, request, ascent),
};

const ascent: Ascent = {
  loss: 'ce',
  start: 'random',
  auto: false,
  // Enough to cross the ball from any start and still settle (Madry et al., appendix).
  step: (radius, iterations) => (2.5 * radius) / iterations,
  begin: (start) => plainWalker(start, ascent.step(start.ball.radius, start.iterations), 'random'),
};

/** Steps of one length. */
export function plainWalker({ centre, ball, random }: WalkerStart, step: number, from: Ascent['start']): Walker {
  const point = centre.slice();
  const target = new Float64Array(centre.length);
  if (from === 'random') ball.randomStart(centre, random, point);
  return {
    point,
    advance(_loss, gradient) {
      ball.steepestAscent(gradient, point, target);
      for (let i = 0; i < target.length; i++) target[i] = point[i]! + step * target[i]!;
      ball.project(centre, target, point);
    },
  };
}
