import { reserveOf } from '../../attack/constrained';
import { inDataUnits } from '../../attack/constraint';
import { feasible } from '../../attack/feasible';
import { normBall } from '../../attack/geometry';
import type { OutputAttack } from '../../attack/output';
import type { AttackBudget, AttackThreat } from '../../attack/types';
import { verifyOutputs } from '../../attack/verifyOutput';
import { type Tolerance, withinTolerance } from '../../metric/regression';
import { imagePictures, vectorValues } from '../../report/gallery';
import type { OutputGalleryItem } from '../../report/regression';
import { waveformOf } from '../../report/waveform';
import type { Chunk } from '../examples';
import { where } from '../state';
import { aimsOf, directionsOf } from './aims';
import type { OutputContext, OutputStage } from './stage';
import type { RegressionState } from './state';

interface AttackResult {
  /** [n, outputs]: of the points that the verifier accepted, as the original model gives them. */
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
  /** [n]: the largest errors and changes at one point. */
  readonly absolute: Float64Array;
  readonly squared: Float64Array;
  readonly change: Float64Array;
  /** [n]: 1 where every point left all outputs within the tolerance. */
  readonly within: Uint8Array;
  readonly refused: number;
  readonly forwards: number;
  readonly backwards: number;
  readonly seconds: number;
  /** The example whose error grew most, if any did. */
  readonly gallery: readonly OutputGalleryItem[];
}

export interface OutputStep {
  readonly threatIndex: number;
  readonly attackIndex: number;
  readonly last: boolean;
  readonly threatName: string;
  readonly threat: AttackThreat;
  readonly attack: OutputAttack;
  readonly budget: AttackBudget;
  readonly tolerance: Tolerance | null;
  readonly unitSize: number;
  readonly outputs: number;
  /** Examples to show of this threat model. */
  readonly galleryQuota: number;
}

/** One attack on the outputs of every example, in all directions. What counts is the worst over all attacks. */
export function outputStage(step: OutputStep): OutputStage<AttackResult> {
  const { threatIndex, attackIndex, attack, budget } = step;
  const directions = directionsOf(step.outputs);
  const passes = attack.needs === 'scores' ? budget.queries : Math.max(1, budget.iterations * budget.restarts);
  return {
    id: `attack/${step.threatName}/${attackIndex}-${attack.name}`,
    title: `${attack.title} against ${step.threatName}`,
    kind: attack.needs,
    family: `attack/${attack.name}`,
    passes: passes * directions,
    chunk: step.unitSize,
    select: (state) => where(state.count, () => true),
    run: (chunk, context) => attackUnit(step, chunk, context),
    apply(state, indices, result) {
      const of = state.threats[threatIndex];
      const tally = of?.attacks[attackIndex];
      if (!of || !tally) return;
      tally.started = true;
      tally.attempted += indices.length;
      tally.refused += result.refused;
      tally.forwards += result.forwards;
      tally.backwards += result.backwards;
      tally.seconds += result.seconds;
      indices.forEach((index, i) => {
        for (let j = 0; j < state.outputs; j++) {
          const at = index * state.outputs + j;
          of.lowest[at] = Math.min(of.lowest[at]!, result.lowest[i * state.outputs + j]!);
          of.highest[at] = Math.max(of.highest[at]!, result.highest[i * state.outputs + j]!);
        }
        if (result.absolute[i]! > of.absolute[index]!) {
          of.absolute[index] = result.absolute[i]!;
          of.worstBy[index] = attackIndex;
          tally.worsened++;
        }
        of.squared[index] = Math.max(of.squared[index]!, result.squared[i]!);
        of.change[index] = Math.max(of.change[index]!, result.change[i]!);
        of.within[index] = of.within[index]! & result.within[i]!;
        if (step.last) of.settled[index] = 1;
      });
      of.gallery = shown([...of.gallery, ...result.gallery], step.galleryQuota);
    },
    finish(state) {
      const of = state.threats[threatIndex];
      const tally = of?.attacks[attackIndex];
      if (of && tally) tally.after = of.absolute.slice();
    },
  };
}

/** The examples whose outputs moved farthest, each once. */
function shown(items: readonly OutputGalleryItem[], quota: number): OutputGalleryItem[] {
  const sorted = [...items].sort((a, b) => moved(b) - moved(a) || a.index - b.index);
  return sorted.filter((item, i) => sorted.findIndex(({ index }) => index === item.index) === i).slice(0, quota);
}

function moved({ clean, adversarial }: OutputGalleryItem): number {
  return clean.reduce((most, value, j) => Math.max(most, Math.abs(adversarial[j]! - value)), 0);
}

async function attackUnit(step: OutputStep, chunk: Chunk, context: OutputContext): Promise<AttackResult> {
  const { oracle, original, seed, signal, state } = context;
  const { outputs } = state;
  const size = oracle.exampleSize;
  const n = chunk.indices.length;
  const directions = directionsOf(outputs);
  const x = new Float32Array(n * directions * size);
  const aim = new Float32Array(n * directions * outputs);
  const keys: string[] = [];
  chunk.indices.forEach((index, i) => {
    aimsOf(rowOf(state.predictions, index, outputs), rowOf(state.targets, index, outputs)).forEach((weights, d) => {
      const row = i * directions + d;
      x.set(rowOf(chunk.x, i, size), row * size);
      aim.set(weights, row * outputs);
      keys.push(`${index}/${d}`);
    });
  });
  const before = { ...oracle.counts };
  const start = performance.now();
  const { constraints } = step.threat;
  const reserve = constraints && step.attack.needs === 'scores' ? reserveOf(step.budget.queries) : 0;
  const result = await step.attack.run({
    oracle,
    x,
    aim,
    keys,
    threat: step.threat,
    budget: { ...step.budget, queries: step.budget.queries - reserve },
    seed,
    ...(signal ? { signal } : {}),
  });
  const weighed = (outputs: Float32Array, k: number, row: number) => {
    let sum = 0;
    for (let j = 0; j < state.outputs; j++) sum += aim[row * state.outputs + j]! * outputs[k * state.outputs + j]!;
    return sum;
  };
  const { points } = constraints
    ? await feasible({
        oracle,
        threat: step.threat,
        constraints,
        x,
        points: result.points,
        keys: keys.map((key) => `${step.attack.name}/${key}`),
        seed,
        score: weighed,
        ...(reserve > 0 ? { queries: reserve } : {}),
        ...(step.attack.needs === 'gradient'
          ? {
              gradient: async (at: Float32Array, rows: readonly number[]) => {
                const aims = Float32Array.from(rows.flatMap((row) => [...rowOf(aim, row, outputs)]));
                return (await oracle.gradient(at, new Int32Array(rows.length), 'linear', aims)).gradient;
              },
            }
          : {}),
        ...(signal ? { signal } : {}),
      })
    : result;
  const seconds = (performance.now() - start) / 1000;
  const verified = await verifyOutputs(original, x, points, step.threat);
  const found = fold(step, chunk, state, directions, verified);
  return {
    ...found,
    refused: verified.reasons.filter((reason) => reason !== null).length,
    forwards: oracle.counts.forwards - before.forwards,
    backwards: oracle.counts.backwards - before.backwards,
    seconds,
    gallery: showcase(step, chunk, context, x, points, verified.outputs, found.farthest),
  };
}

/** The worst of each example over the points of all directions that the verifier accepted. */
function fold(
  { tolerance }: OutputStep,
  { indices }: Chunk,
  { predictions, targets, outputs }: RegressionState,
  directions: number,
  verified: { readonly reasons: readonly (string | null)[]; readonly outputs: Float32Array },
) {
  const n = indices.length;
  const lowest = new Float32Array(n * outputs);
  const highest = new Float32Array(n * outputs);
  const absolute = new Float64Array(n);
  const squared = new Float64Array(n);
  const change = new Float64Array(n);
  const within = new Uint8Array(n).fill(1);
  /** [n]: row of the point at which an output changed most; -1 if none did. */
  const farthest = new Int32Array(n).fill(-1);
  for (let i = 0; i < n; i++) {
    const clean = rowOf(predictions, indices[i]!, outputs);
    const target = rowOf(targets, indices[i]!, outputs);
    lowest.set(clean, i * outputs);
    highest.set(clean, i * outputs);
    for (let row = i * directions; row < (i + 1) * directions; row++) {
      if (verified.reasons[row] !== null) continue;
      const reached = rowOf(verified.outputs, row, outputs);
      let [errors, squares, farther] = [0, 0, change[i]!];
      for (let j = 0; j < outputs; j++) {
        const value = reached[j]!;
        const at = i * outputs + j;
        if (value < lowest[at]!) lowest[at] = value;
        if (value > highest[at]!) highest[at] = value;
        errors += Math.abs(value - target[j]!) / outputs;
        squares += (value - target[j]!) ** 2 / outputs;
        farther = Math.max(farther, Math.abs(value - clean[j]!));
      }
      absolute[i] = Math.max(absolute[i]!, errors);
      squared[i] = Math.max(squared[i]!, squares);
      if (farther > change[i]!) farthest[i] = row;
      change[i] = farther;
      if (tolerance !== null && !withinTolerance(reached, target, tolerance)) within[i] = 0;
    }
  }
  return { lowest, highest, absolute, squared, change, within, farthest };
}

function showcase(
  step: OutputStep,
  chunk: Chunk,
  { oracle, facts, state }: OutputContext,
  x: Float32Array,
  points: Float32Array,
  reached: Float32Array,
  farthest: Int32Array,
): OutputGalleryItem[] {
  const { outputs, predictions, targets } = state;
  const size = oracle.exampleSize;
  const ball = normBall(step.threat, size, oracle.free);
  const items = [...farthest.entries()].flatMap(([i, row]): OutputGalleryItem[] => {
    if (row < 0) return [];
    const index = chunk.indices[i]!;
    const before = rowOf(x, row, size);
    const after = rowOf(points, row, size);
    const inData = (values: Float32Array) => inDataUnits(values, step.threat);
    return [
      {
        index,
        threatModel: step.threatName,
        attack: step.attack.name,
        target: [...rowOf(targets, index, outputs)],
        clean: [...rowOf(predictions, index, outputs)],
        adversarial: [...rowOf(reached, row, outputs)],
        distance: ball.distance(before, after),
        image: facts.kind === 'image' ? imagePictures(before, after, facts.shape, facts.range) : null,
        values:
          facts.kind !== 'image' && facts.kind !== 'series'
            ? vectorValues(inData(before), inData(after), facts.features)
            : null,
        ...(facts.kind === 'series' ? { waveform: waveformOf(before, after, facts.shape, facts.sampleRate) } : {}),
      },
    ];
  });
  return shown(items, 1);
}

function rowOf(rows: Float32Array, i: number, width: number): Float32Array {
  return rows.subarray(i * width, (i + 1) * width);
}
