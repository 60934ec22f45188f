import type { Oracle } from '../attack/types';
import { Random } from '../random';
import { type FloatBox, floatBox, place, type Start } from './box';
import { type Counterexample, confirm } from './confirm';
import { evolve } from './evolve';
import type { Network } from './network';
import { goalsOf } from './slack';
import type { Property } from './vnnlib';
import { type Walker, walk } from './walk';
import { Watch } from './watch';

export interface FalsifyOptions {
  readonly seed: number;
  /** Time on the clock of `performance.now()` after which no further step is taken. */
  readonly deadline: number;
  /** Rounds of each kind of search, for tests; until the deadline if absent. */
  readonly rounds?: number;
}

export interface Falsification {
  /** Null where none was found: that proves nothing. */
  readonly counterexample: Counterexample | null;
  /** Points evaluated, and gradients computed. */
  readonly forwards: number;
  readonly backwards: number;
  /** Points that the search held for counterexamples and the untouched model did not. */
  readonly refused: number;
}

/** How many points to take at a time, by what one costs. */
interface Effort {
  readonly samples: number;
  readonly walkers: number;
  readonly mostWalkers: number;
  readonly children: number;
}

/**
 * Searches the property's boxes for a counterexample: random points and corners, gradient ascent toward every goal from many
 * kinds of start, and evolution of the best points. The order of points depends on the seed and nothing else; the deadline
 * only decides where it ends. What is returned was confirmed on the untouched model.
 *
 * @throws `certify/range`
 */
export async function falsify(network: Network, property: Property, options: FalsifyOptions): Promise<Falsification> {
  const { oracle } = network;
  const { seed, deadline, rounds = Number.POSITIVE_INFINITY } = options;
  const over = () => performance.now() >= deadline;
  let counterexample: Counterexample | null = null;
  let refused = 0;
  const check = async (x: Float32Array) => {
    const found = await confirm(property, x, network.original);
    if (found) counterexample = found;
    else refused++;
    return found !== null;
  };
  const done = () => ({
    counterexample,
    forwards: oracle.counts.forwards,
    backwards: oracle.counts.backwards,
    refused,
  });

  const boxes = property.regions.map(({ low, high }) => floatBox(low, high));
  const effort = effortFor(network.floatsPerExample);
  const watches: Watch[] = [];
  const share = Math.max(32, Math.ceil(effort.samples / boxes.length));
  for (const [r, box] of boxes.entries()) {
    if (over() && watches.length > 0) break;
    const { x, y } = await sampled(oracle, box, share, Random.of(seed, 'falsify', 'samples', r), over);
    const goals = goalsOf(property.regions[r]!.conjunctions, x, y, property.inputs, property.outputs);
    const watch = new Watch({ box, goals, inputs: property.inputs, outputs: property.outputs, confirm: check });
    if (await watch.see(x, y)) return done();
    if (box.free.length > 0) watches.push(watch);
  }
  if (watches.length === 0) return done();
  // Regions that come nearest at random points go first; each has its turn.
  const order = [...watches].sort((a, b) => (b.pool[0]?.value ?? 0) - (a.pool[0]?.value ?? 0));
  for (let round = 0; round < rounds && !over(); round++) {
    const watch = order[round % order.length]!;
    const turn = Math.floor(round / order.length);
    if (oracle.differentiable) {
      const { walkers, starts, iterations } = plan(watch, effort, seed, turn, round);
      if (await walk(oracle, watch, walkers, starts, iterations, over)) break;
    }
    // Where gradients lead, evolution is for boxes of few inputs, which walks by all inputs at once miss the corners of.
    if (oracle.differentiable && watch.box.free.length > 64 && turn % 4 !== 3) continue;
    const random = Random.of(seed, 'falsify', 'evolve', round);
    if (await evolve(oracle, watch, effort.children, 20, random, over)) break;
  }
  return done();
}

function effortFor(floatsPerExample: number): Effort {
  const affordable = (floats: number, least: number, most: number) =>
    Math.max(least, Math.min(most, 2 ** Math.floor(Math.log2(floats / Math.max(1, floatsPerExample)))));
  return {
    samples: affordable(2 ** 22, 32, 4096),
    walkers: affordable(2 ** 20, 8, 256),
    mostWalkers: affordable(2 ** 23, 16, 1024),
    children: affordable(2 ** 20, 16, 512),
  };
}

/**
 * The centre, then points of every kind, with their outputs; what is left at the deadline is left out.
 *
 * @returns x [n, inputs] and y [n, outputs]
 */
async function sampled(oracle: Oracle, box: FloatBox, most: number, random: Random, over: () => boolean) {
  const size = box.low.length;
  const count = box.free.length === 0 ? 1 : most;
  const x = new Float32Array(count * size);
  const y = new Float32Array(count * oracle.classes);
  const kinds: readonly Start[] = ['uniform', 'corner', 'edge'];
  let n = 0;
  while (n < count && !(n > 0 && over())) {
    const next = Math.min(count, n + oracle.batchSize);
    for (let i = n; i < next; i++) {
      place(box, i === 0 ? 'centre' : kinds[i % kinds.length]!, random, x.subarray(i * size, (i + 1) * size));
    }
    y.set(await oracle.logits(x.subarray(n * size, next * size)), n * oracle.classes);
    n = next;
  }
  return { x: x.subarray(0, n * size), y: y.subarray(0, n * oracle.classes) };
}

/** Walkers of one round: every other one goes for the nearest goal, the rest take the goals in turn, promising ones first. */
function plan(watch: Watch, effort: Effort, seed: number, turn: number, round: number) {
  const { box, goals, inputs, pool } = watch;
  const count = Math.min(effort.mostWalkers, effort.walkers * 2 ** Math.floor(turn / 2));
  const iterations = [20, 40, 60, 100][Math.min(3, turn)]!;
  const ranked = rankedGoals(watch);
  const starts = new Float32Array(count * inputs);
  const walkers: Walker[] = [];
  const kinds: readonly (Start | 'pool')[] = ['centre', 'uniform', 'edge', 'pool', 'corner', 'uniform'];
  for (let i = 0; i < count; i++) {
    const random = Random.of(seed, 'falsify', 'walk', round, i);
    const out = starts.subarray(i * inputs, (i + 1) * inputs);
    const kind = kinds[(i + turn) % kinds.length]!;
    if (kind === 'pool' && pool.length > 0) out.set(pool[random.integer(pool.length)]!.x);
    else place(box, kind === 'pool' ? 'uniform' : kind, random, out);
    const own = goals.length === 1 || i % 2 === 1;
    walkers.push({
      goal: own ? ranked[(Math.floor(i / 2) + turn) % ranked.length]! : null,
      climb: Math.floor(i / 3) % 2 === 0 ? 'lacking' : 'least',
      step: i % 5 < (box.free.length > 64 ? 4 : 2) ? 'sign' : 'scaled',
      first: kind === 'pool' ? 0.1 : i % 4 === 3 ? 0.25 : 1,
      diversify: kind === 'uniform' && i % 2 === 1 && watch.outputs > 1 ? 4 : 0,
      random,
    });
  }
  return { walkers, starts, iterations };
}

/** Goals by the best point seen for each; those that none is nearest to come last, in their order. */
function rankedGoals({ goals, pool }: Watch): number[] {
  const seen = [...new Set(pool.map(({ goal }) => goal))];
  return [...seen, ...[...goals.keys()].filter((k) => !seen.includes(k))];
}
