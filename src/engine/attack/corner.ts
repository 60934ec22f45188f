import { Random } from '../random';
import { apgdAscent } from './apgd';
import { targetedLoss } from './apgdTargeted';
import { ascend, type Place, type Run } from './ascent';
import { type NormBall, normBall } from './geometry';
import { goalOf } from './goal';
import { type MarginRun, marginRuns } from './multiTargeted';
import type { Attack, AttackRequest, LossName } from './types';

/** Random points of the ball over which a slope is averaged. */
const samples = 8;

/**
 * Targeted Auto-PGD from corners: the points where a linear model of z_t − z_y is largest over the ball. The first restart
 * takes the gradient at the example for the model's slope; later ones the mean gradient over random points of the ball, which
 * stands for the whole ball where the example's own neighbourhood is flat or misleads.
 */
export const corner: Attack = {
  name: 'corner',
  title: 'Targeted Auto-PGD from corners of linear models',
  needs: 'gradient',
  norms: ['linf', 'l2'],
  targeted: true,
  defaults: { iterations: 100, restarts: 2, queries: 0, targets: 9 },
  source:
    'Start at the vertex that maximises a linear model of the network, as in Bunel et al., Branch and Bound for Piecewise Linear Neural Network Verification, JMLR 2020, §5.1; then Croce & Hein, ICML 2020, §4 and eq. 7',
  run(request) {
    const loss = goalOf(request).loss(targetedLoss(request.oracle.classes));
    return ascend(corner, request, { ...apgdAscent(loss), runs: () => cornerRuns(request, loss) });
  },
};

async function cornerRuns(request: AttackRequest, loss: LossName): Promise<Run[]> {
  const { oracle, threat, y } = request;
  const ball = normBall(threat, oracle.exampleSize, oracle.free);
  return (await marginRuns(request)).map((run) => ({
    number: run.number,
    aim(row, out) {
      run.aim(row, out);
      // A ratio of logits takes the target alone.
      if (loss === 'dlr-targeted') out[y[row]!] = 0;
    },
    place: (rows) => atCorners(request, ball, run, rows),
  }));
}

async function atCorners(
  request: AttackRequest,
  ball: NormBall,
  { number, restart, aim }: MarginRun,
  rows: readonly number[],
): Promise<Place> {
  const { oracle, x, y, indices, seed, signal } = request;
  const { exampleSize: size, classes } = oracle;
  const loss = goalOf(request).loss('linear');
  const spread = restart > 0;
  const slopes = new Float64Array(rows.length * size);
  const labels = Int32Array.from(rows, (row) => y[row]!);
  const aims = new Float32Array(rows.length * classes);
  rows.forEach((row, k) => {
    aim(row, aims.subarray(k * classes, (k + 1) * classes));
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
    const { gradient } = await oracle.gradient(points, labels, loss, aims);
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
