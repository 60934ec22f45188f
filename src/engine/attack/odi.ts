import { Random } from '../random';
import { type Ascent, ascend, type Place, type Run } from './ascent';
import { type NormBall, normBall } from './geometry';
import { goalOf } from './goal';
import { plainWalker } from './pgd';
import type { Attack, AttackRequest } from './types';

/** Steps of the initialisation, each of the radius of the ball (Tashiro et al. 2020, §5.1). */
const initialSteps = 2;

/**
 * PGD on the margin from starts that differ in what the model says of them: each restart first climbs w·z for a random w. Random
 * points of a ball hardly differ there, and lead a network that stalls one of them to stall all.
 */
export const pgdOdi: Attack = {
  name: 'pgd-odi',
  title: 'PGD from output-diversified starts',
  needs: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  targeted: true,
  defaults: { iterations: 40, restarts: 10, queries: 0 },
  source:
    'Tashiro, Song & Ermon, Diversity can be Transferred: Output Diversification for White- and Black-box Attacks, NeurIPS 2020, §3.1 and eq. 2',
  run: (request) => ascend(pgdOdi, request, { ...placedAscent('margin'), runs: async () => diversifiedRuns(request) }),
};

/** Plain steps on a loss, from where a run places its points. */
export function placedAscent(loss: Ascent['loss']): Ascent {
  const step: Ascent['step'] = (radius, iterations) => (2.5 * radius) / iterations;
  return {
    loss,
    start: 'centre',
    auto: false,
    step,
    begin(start) {
      const walker = plainWalker(start, step(start.ball.radius, start.iterations), 'centre');
      start.place?.(walker.point);
      return walker;
    },
  };
}

function diversifiedRuns(request: AttackRequest): Run[] {
  const { oracle, budget, threat } = request;
  const ball = normBall(threat, oracle.exampleSize, oracle.free);
  const { aim } = goalOf(request);
  return Array.from({ length: budget.restarts }, (_, number) => ({
    number,
    aim,
    place: (rows) => diversify(request, ball, number, rows),
  }));
}

/** Climbs a random direction in the space of logits, from a random start. */
async function diversify(
  { oracle, x, y, indices, seed, signal }: AttackRequest,
  ball: NormBall,
  restart: number,
  rows: readonly number[],
): Promise<Place> {
  const { exampleSize: size, classes } = oracle;
  const points = new Float32Array(rows.length * size);
  const aims = new Float32Array(rows.length * classes);
  const labels = Int32Array.from(rows, (row) => y[row]!);
  const position = new Map(rows.map((row, k) => [row, k]));
  const own = (row: number) => x.subarray(row * size, (row + 1) * size);
  const at = (k: number) => points.subarray(k * size, (k + 1) * size);
  rows.forEach((row, k) => {
    const random = Random.of(seed, pgdOdi.name, restart, indices[row]!);
    ball.randomStart(own(row), random, at(k));
    for (let c = 0; c < classes; c++) aims[k * classes + c] = random.between(-1, 1);
  });
  const target = new Float64Array(size);
  for (let step = 0; step < initialSteps && rows.length > 0; step++) {
    signal?.throwIfAborted();
    const { gradient } = await oracle.gradient(points, labels, 'linear', aims);
    rows.forEach((row, k) => {
      const point = at(k);
      ball.steepestAscent(gradient.subarray(k * size, (k + 1) * size), point, target);
      for (let i = 0; i < size; i++) target[i] = point[i]! + ball.radius * target[i]!;
      ball.project(own(row), target, point);
    });
  }
  return (row, out) => out.set(at(position.get(row)!));
}
