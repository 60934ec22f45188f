import { type Compared, TOP, topDistance } from '../../metric/flip';
import { Random } from '../../random';
import { type Perturbation, windowOf } from '../../stability/types';
import { argmax } from '../state';
import type { EvaluationFacts, Stage, StageContext } from './stage';

/** What is known of one kind of sequences. */
export interface SequenceTally {
  readonly perturbation: Perturbation;
  /** What a frame differs in from the next, in words. */
  readonly steps: string;
  readonly frames: number;
  /** By example seen: flips in its sequence, and the sum of its top-5 distances. */
  readonly flips: number[];
  readonly distances: number[];
  /** [frames − 1]: examples whose prediction flips at the step. */
  readonly byStep: Float64Array;
  done: boolean;
}

interface SequenceResult {
  /** [n] */
  readonly flips: Int32Array;
  /** [n]; empty where there is no ranking. */
  readonly distances: Float64Array;
  /** [frames − 1] */
  readonly byStep: Int32Array;
}

/** Examples in a unit: a sequence is some thirty passes. */
const CHUNK = 8;
/** Values of frames that are held at once; as many frames as go into it, one at least. */
const HELD = 2 ** 21;

export function emptySequences(
  perturbation: Perturbation,
  facts: Pick<EvaluationFacts, 'shape'>,
  most: number | null,
): SequenceTally {
  const { count } = windowOf(perturbation, facts.shape, most);
  return {
    perturbation,
    steps: perturbation.describe(facts.shape),
    frames: count,
    flips: [],
    distances: [],
    byStep: new Float64Array(count - 1),
    done: false,
  };
}

/** Examples spread over the data, the same for all sequences. */
export function sequencePositions(count: number, limit: number): Int32Array {
  const n = Math.min(count, limit);
  return Int32Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

/** Predictions along the sequences of some examples, in one way of perturbing them. */
export function stabilityStage(
  tally: SequenceTally,
  limit: number,
  most: number | null,
  bounds: readonly [number, number] | null,
  facts: EvaluationFacts,
): Stage<SequenceResult> {
  const { perturbation, frames } = tally;
  const window = windowOf(perturbation, facts.shape, most);
  const within = bounds ?? ([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const);
  return {
    id: `stability/${perturbation.name}`,
    title: `Sequences: ${perturbation.title.toLowerCase()}`,
    kind: 'scores',
    family: 'stability',
    passes: frames,
    chunk: CHUNK,
    select: ({ count }) => sequencePositions(count, limit),
    async run(chunk, context) {
      const { oracle, seed } = context;
      const size = oracle.exampleSize;
      const ranked = oracle.classes >= TOP && facts.labelsOnly !== true;
      const n = chunk.indices.length;
      const result = {
        flips: new Int32Array(n),
        distances: new Float64Array(ranked ? n : 0),
        byStep: new Int32Array(frames - 1),
      };
      for (let i = 0; i < n; i++) {
        context.signal?.throwIfAborted();
        const scene = {
          x: chunk.x.subarray(i * size, (i + 1) * size),
          shape: facts.shape,
          bounds: within,
          random: Random.of(seed, 'stability', perturbation.name, chunk.indices[i] as number),
          columns: facts.columns,
        };
        const make = perturbation.open(scene);
        const logits = await along(context, size, frames, (k, out) => make(window.first + k, out));
        const flipped = flipsOf(argmax(logits, oracle.classes), perturbation.compared);
        for (let k = 0; k < flipped.length; k++) {
          result.flips[i]! += flipped[k]!;
          result.byStep[k]! += flipped[k]!;
        }
        if (!ranked) continue;
        for (let k = 1; k < frames; k++) {
          const from = perturbation.compared === 'first' ? 0 : k - 1;
          result.distances[i]! += topDistance(logits, oracle.classes, from, k);
        }
      }
      return result;
    },
    apply(_state, indices, { flips, distances, byStep }) {
      for (let i = 0; i < indices.length; i++) {
        tally.flips.push(flips[i]!);
        if (distances.length > 0) tally.distances.push(distances[i]!);
      }
      for (let k = 0; k < byStep.length; k++) tally.byStep[k]! += byStep[k]!;
    },
    finish() {
      tally.done = true;
    },
  };
}

/** [frames, classes] of the frames that `make` makes, a few at a time. */
async function along(
  { oracle }: Pick<StageContext, 'oracle'>,
  size: number,
  frames: number,
  make: (k: number, out: Float32Array) => void,
): Promise<Float32Array> {
  const held = Math.max(1, Math.min(frames, Math.floor(HELD / size)));
  const logits = new Float32Array(frames * oracle.classes);
  for (let start = 0; start < frames; start += held) {
    const count = Math.min(held, frames - start);
    const x = new Float32Array(count * size);
    for (let k = 0; k < count; k++) make(start + k, x.subarray(k * size, (k + 1) * size));
    logits.set(await oracle.logits(x), start * oracle.classes);
  }
  return logits;
}

/** [frames − 1]: 1 where the class is another than that of the frame it is held against. */
export function flipsOf(predictions: Int32Array, compared: Compared): Uint8Array {
  const flipped = new Uint8Array(Math.max(0, predictions.length - 1));
  for (let k = 1; k < predictions.length; k++) {
    flipped[k - 1] = predictions[k] === predictions[compared === 'first' ? 0 : k - 1] ? 0 : 1;
  }
  return flipped;
}
