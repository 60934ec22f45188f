import type { NormBall } from './geometry';

/** One example's place on its way. */
export interface AutoPlace {
  /** Moved by the step. */
  readonly point: Float32Array;
  /** The point before; becomes the present one. */
  readonly previous: Float32Array;
  readonly gradient: Float32Array;
  readonly step: number;
  /** Of the step against the momentum; 1 for the first. */
  readonly weight: number;
}

/** Auto-PGD's step (Algorithm 1, lines 6 and 7): a projected step, then a mean of it and of the last one, projected again. */
export function autoStep(ball: NormBall, centre: Float32Array, place: AutoPlace): void {
  const { point, previous, gradient, step, weight } = place;
  const target = new Float64Array(point.length);
  const proposal = new Float32Array(point.length);
  ball.steepestAscent(gradient, point, target);
  for (let i = 0; i < target.length; i++) target[i] = point[i]! + step * target[i]!;
  ball.project(centre, target, proposal);
  for (let i = 0; i < target.length; i++) {
    const here = point[i]!;
    target[i] = here + weight * (proposal[i]! - here) + (1 - weight) * (here - previous[i]!);
    previous[i] = here;
  }
  ball.project(centre, target, point);
}
