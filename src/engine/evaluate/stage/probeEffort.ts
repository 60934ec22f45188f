import { ballNorms, normBall } from '../../attack/geometry';
import { isBroken } from '../../attack/scores';
import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { Random } from '../../random';
import { addCost, besideCascade, type Cost, recordBroken } from '../credit';
import { name } from '../evidence';
import { gather } from '../examples';
import { standing } from '../pairs';
import type { RunState, ThreatState } from '../state';
import { samplePairs } from './check';
import { execute } from './execute';
import { overPairs, type Stage } from './stage';

/** Examples, of those that all attacks left standing, on which random points are tried. */
const mostForDraws = 16;
const drawsAtATime = 100;

interface Found {
  /** [n]: distance at which the verifier confirmed that the example is broken; Infinity where it is not. */
  readonly reach: Float64Array;
  readonly cost: Cost;
}

function leftInSample(state: RunState, threatIndex: number, most: number): Int32Array {
  const threat = state.threats[threatIndex];
  if (!threat) return new Int32Array();
  const sample = new Set(samplePairs(state, threat));
  return standing(state, threat)
    .filter((i) => sample.has(i))
    .slice(0, most);
}

/** What the verifier confirmed counts, whatever raised it: the figure is the worst case over all that ran. */
function credit(
  of: ThreatState | undefined,
  attack: Pick<Attack, 'name' | 'title' | 'needs'>,
  budget: AttackBudget,
  title: string,
  indices: Int32Array,
  { reach, cost }: Found,
): void {
  if (!of) return;
  const tally = besideCascade(of, title, attack, budget);
  addCost(tally, indices.length, cost);
  indices.forEach((index, i) => {
    recordBroken(of, index, reach[i]!, tally);
  });
}

const noise = { name: 'random-noise', title: 'Random points of the ball', needs: 'labels' } as const;

/** Random points of the ball against examples that all attacks failed on: what noise finds, an attack must (Athalye 2018). */
export function randomDrawStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  /** Points an example; Carlini et al. (2019) ask for 10,000 and more, which is for a run that doubts this one. */
  draws: number,
): Stage<Found> {
  const drawable = (ballNorms as readonly string[]).includes(threat.norm);
  const noiseBudget = { iterations: 0, restarts: 1, queries: draws };
  return {
    id: `probe/random/${threatName}`,
    title: `Random points of the ball (${threatName})`,
    kind: 'scores',
    family: 'probe-random',
    passes: draws,
    chunk: 8,
    select: (state) => (drawable ? leftInSample(state, threatIndex, mostForDraws) : new Int32Array()),
    async run({ x, y, indices }, { oracle, verifier, seed, signal }) {
      const { exampleSize: size, classes } = oracle;
      const ball = normBall(threat, size, oracle.free);
      const points = new Float32Array(drawsAtATime * size);
      const corner = new Float64Array(size);
      const claims: number[] = [];
      const found = new Float32Array(x.length);
      const before = { ...oracle.counts };
      const start = performance.now();
      for (let i = 0; i < y.length; i++) {
        const centre = x.subarray(i * size, (i + 1) * size);
        const random = Random.of(seed, 'random-draws', indices[i]!);
        const labels = y[i]!;
        for (let done = 0; done < draws; done += drawsAtATime) {
          signal?.throwIfAborted();
          const together = Math.min(drawsAtATime, draws - done);
          for (let d = 0; d < together; d++) {
            const point = points.subarray(d * size, (d + 1) * size);
            // Corners are the farthest points of the linf ball; other norms get points of their spheres alone.
            if (threat.norm === 'linf' && d % 2 === 1) {
              for (let j = 0; j < size; j++)
                corner[j] = centre[j]! + (random.uniform() < 0.5 ? -ball.radius : ball.radius);
              ball.project(centre, corner, point);
            } else ball.randomStart(centre, random, point);
          }
          const logits = await oracle.logits(points.subarray(0, together * size));
          let hit = -1;
          for (let d = 0; d < together && hit === -1; d++) if (isBroken(logits, d, classes, labels)) hit = d;
          if (hit === -1) continue;
          claims.push(i);
          found.set(points.subarray(hit * size, (hit + 1) * size), i * size);
          break;
        }
      }
      const cost = {
        forwards: oracle.counts.forwards - before.forwards,
        backwards: 0,
        seconds: (performance.now() - start) / 1000,
      };
      const reach = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);
      if (claims.length === 0) return { reach, cost: { refused: 0, ...cost } };
      const verdict = await verifier.confirm({
        x: gather(x, claims, size),
        adversarial: gather(found, claims, size),
        y: Int32Array.from(claims, (i) => y[i]!),
        threat,
      });
      let refused = 0;
      claims.forEach((i, claim) => {
        if (verdict.confirmed[claim] === 1) reach[i] = Math.min(threat.epsilon, verdict.distance[claim]!);
        else refused++;
      });
      return { reach, cost: { refused, ...cost } };
    },
    apply({ evidence, threats }, indices, result) {
      credit(threats[threatIndex], noise, noiseBudget, 'Random points of the ball, run as a check', indices, result);
      let tally = evidence.randomDraws.find((each) => each.threatModel === threatName);
      if (!tally) {
        tally = { threatModel: threatName, examples: 0, draws, broken: 0, indices: [] };
        evidence.randomDraws.push(tally);
      }
      const broken = indices.filter((_, i) => Number.isFinite(result.reach[i]));
      tally.examples += indices.length;
      tally.broken += broken.length;
      name(tally.indices, broken);
    },
  };
}

export interface Effort {
  readonly attack: Attack;
  readonly budget: AttackBudget;
  readonly what: 'iterations' | 'restarts';
  /** Iterations or restarts that the cascade had, and that are tried now. */
  readonly from: number;
  readonly to: number;
  readonly passes: number;
  /** Examples at most, of those that all attacks left standing. */
  readonly most: number;
}

/** An attack that has converged breaks no more with twice the iterations, or from other starts (Carlini et al. 2019). */
export function effortStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  { attack, budget, what, from, to, passes, most }: Effort,
): Stage<Found> {
  return {
    id: `probe/${what}/${threatName}`,
    title: `More ${what} (${threatName})`,
    kind: 'gradient',
    family: `probe-${what}`,
    passes,
    chunk: 8,
    ...overPairs(threatIndex),
    select: (state) => leftInSample(state, threatIndex, most),
    async run(chunk, context) {
      // Other starts than those of the cascade, which the seed decides.
      const seed = what === 'restarts' ? context.seed + 1 : context.seed;
      const { reach, cost } = await execute(attack, budget, threat, chunk, { ...context, seed });
      return { reach, cost };
    },
    apply({ evidence, threats }, indices, result) {
      credit(
        threats[threatIndex],
        attack,
        budget,
        `${attack.title} with more ${what}, run as a check`,
        indices,
        result,
      );
      let tally = evidence.moreEffort.find((each) => each.threatModel === threatName && each.what === what);
      if (!tally) {
        const { name: attackName, title } = attack;
        tally = {
          threatModel: threatName,
          attack: attackName,
          title,
          what,
          from,
          to,
          examples: 0,
          broken: 0,
          indices: [],
        };
        evidence.moreEffort.push(tally);
      }
      const broken = indices.filter((_, i) => Number.isFinite(result.reach[i]));
      tally.examples += indices.length;
      tally.broken += broken.length;
      name(tally.indices, broken);
    },
  };
}
