import { margin } from '../../attack/scores';
import { gridPoints, transformImage } from '../../attack/spatial';
import type { ResolvedSpatial } from '../../spec/beyond';
import type { SpatialState } from '../beyond';
import { gather } from '../examples';
import { argmax, where } from '../state';
import type { EvaluationFacts, Stage } from './stage';

interface SpatialResult {
  /** [points]: right answers in this chunk. */
  readonly correct: Int32Array;
  /** Examples that are right everywhere, or whose worst point the verifier did not confirm. */
  readonly standing: number;
}

export function emptySpatial(settings: ResolvedSpatial, shape: readonly number[]): SpatialState {
  const { rotation, translation, grid: counts } = settings;
  const points = gridPoints({ rotation, translation, counts }, shape);
  return { settings, points, correct: new Int32Array(points.length), standing: 0, seen: 0 };
}

/** Every example at every rotation and shift of a grid: an attack without a gradient, and its own threat model. */
export function spatialStage(settings: ResolvedSpatial, facts: EvaluationFacts): Stage<SpatialResult> {
  const { shape, range } = facts;
  const { points } = emptySpatial(settings, shape);
  const [low, high] = range ?? [0, 0];
  // Black in data space, or as near to it as the data go.
  const fill = settings.padding === 'border' ? 'border' : range === null ? 0 : Math.min(high, Math.max(low, 0));
  return {
    id: `spatial/${JSON.stringify(settings)}`,
    title: `Rotations and shifts (${points.length} of each example)`,
    kind: 'scores',
    family: 'spatial',
    passes: points.length,
    chunk: 32,
    select: (state) => where(state.count, () => true),
    async run({ x, y }, { oracle, verifier, signal }) {
      const { classes, exampleSize: size } = oracle;
      const n = y.length;
      const correct = new Int32Array(points.length);
      const worst = new Float32Array(x.length);
      const least = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
      const wrong = new Uint8Array(n);
      const moved = new Float32Array(x.length);
      for (const [p, point] of points.entries()) {
        signal?.throwIfAborted();
        for (let i = 0; i < n; i++) {
          moved.set(transformImage(x.subarray(i * size, (i + 1) * size), shape, point, fill), i * size);
        }
        const logits = await oracle.logits(moved);
        const prediction = argmax(logits, classes);
        for (let i = 0; i < n; i++) {
          const right = prediction[i] === y[i];
          if (right) correct[p]!++;
          const reached = margin(logits, i, classes, y[i]!);
          // Equal scores may be right or wrong: an error goes before what is right.
          if (reached < least[i]! || (!right && wrong[i] === 0)) {
            least[i] = reached;
            worst.set(moved.subarray(i * size, (i + 1) * size), i * size);
          }
          if (!right) wrong[i] = 1;
        }
      }
      const claims = [...wrong.keys()].filter((i) => wrong[i] === 1);
      const { confirmed } = await verifier.confirm({
        x: gather(x, claims, size),
        adversarial: gather(worst, claims, size),
        y: Int32Array.from(claims, (i) => y[i]!),
        threat: { norm: 'linf', epsilon: Number.POSITIVE_INFINITY, bounds: range },
      });
      return { correct, standing: n - confirmed.reduce((sum, one) => sum + one, 0) };
    },
    apply({ beyond: { spatial } }, indices, { correct, standing }) {
      if (!spatial) return;
      for (let p = 0; p < correct.length; p++) spatial.correct[p]! += correct[p]!;
      spatial.standing += standing;
      spatial.seen += indices.length;
    },
  };
}
