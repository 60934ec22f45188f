import { Random } from '../random';
import { ascend, type Place, type Run } from './ascent';
import { type NormBall, normBall } from './geometry';
import { marginRuns } from './multiTargeted';
import { placedAscent } from './odi';
import type { Attack, AttackRequest } from './types';

/** Random points of the ball over which a slope is averaged. */
const samples = 8;

/**
 * Multi-targeted PGD from corners: the points where a linear model of z_t − z_y is largest over the ball. The first restart
 * takes the gradient at the example for the model's slope; later ones the mean gradient over random points of the ball, which
 * stands for the whole ball where the example's own neighbourhood is flat or misleads.
 */
export const corner: Attack = {
  name: 'corner',
  title: 'Multi-targeted PGD from corners of linear models',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  defaults: { iterations: 40, restarts: 2, queries: 0, targets: 9 },
  source:
    'Gowal et al., An Alternative Surrogate Loss for PGD-based Adversarial Testing, 2019, Algorithm 1; start at the vertex that maximises a linear model of the network, as in Bunel et al., Branch and Bound for Piecewise Linear Neural Network Verification, JMLR 2020, §5.1',
  run: (request) => ascend(corner, request, { ...placedAscent('linear'), runs: () => cornerRuns(request) }),
};

async function cornerRuns(request: AttackRequest): Promise<Run[]> {
  const { oracle, threat } = request;
  const ball = normBall(threat, oracle.exampleSize, oracle.free);
  return (await marginRuns(request)).map((run) => ({
    ...run,
    place: (rows) => atCorners(request, ball, run, run.restart > 0, rows),
  }));
}

async function atCorners(
  { oracle, x, y, indices, seed, signal }: AttackRequest,
  ball: NormBall,
  { number, aim }: Run,
  spread: boolean,
  rows: readonly number[],
): Promise<Place> {
  const { exampleSize: size, classes } = oracle;
  const slopes = new Float64Array(rows.length * size);
  const labels = Int32Array.from(rows, (row) => y[row]!);
  const aims = new Float32Array(rows.length * classes);
  rows.forEach((row, k) => {
    aim?.(row, aims.subarray(k * classes, (k + 1) * classes));
  });
  const own = (row: number) => x.subarray(row * size, (row + 1) * size);
  const streams = rows.map((row) => Random.of(seed, corner.name, number, indices[row]!));
  const points = new Float32Array(rows.length * size);
  for (let sample = 0; sample < (spread ? samples : 1) && rows.length > 0; sample++) {
    signal?.throwIfAborted();
    rows.forEach((row, k) => {
      const point = points.subarray(k * size, (k + 1) * size);
      if (spread) ball.randomStart(own(row), streams[k]!, point);
      else point.set(own(row));
    });
    const { gradient } = await oracle.gradient(points, labels, 'linear', aims);
    for (let i = 0; i < slopes.length; i++) slopes[i]! += gradient[i]!;
  }
  const position = new Map(rows.map((row, k) => [row, k]));
  return (row, out) => {
    const at = position.get(row)! * size;
    const slope = Float32Array.from(slopes.subarray(at, at + size));
    const target = new Float64Array(size);
    ball.steepestAscent(slope, own(row), target);
    for (let i = 0; i < size; i++) target[i] = own(row)[i]! + ball.radius * target[i]!;
    ball.project(own(row), target, out);
  };
}
