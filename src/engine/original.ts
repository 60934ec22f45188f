import type { DataGraph } from './dataGraph';
import { groupSize, numbers, tensor } from './onnx/batch';
import type { PreparedModel } from './onnx/prepare';
import { applyPreprocess } from './onnx/preprocess';
import { elementCount } from './onnx/tensor';

/** The untouched model file, with pre-processing in TypeScript: what the verifier asks. */
export interface OriginalModel {
  readonly classes: number;
  /** x is [n, ...exampleShape] in data space; returns the model's own scores [n, classes], logits or probabilities; of labels, one-hot rows. */
  predict(x: Float32Array): Promise<Float32Array>;
}

const batchSize = 64;

export function createOriginal(
  prepared: PreparedModel,
  { plan, classes, head, labels }: Pick<DataGraph, 'plan' | 'classes' | 'head' | 'labels'>,
): OriginalModel {
  const size = elementCount(plan.from);
  const { input, output, original } = prepared;
  // Only a file that takes batches as it is gets them; a rewritten one is run as it was exported.
  const group = groupSize(input);
  const step = prepared.batch === 'dynamic' ? batchSize : group;
  return {
    classes,
    async predict(x) {
      const n = x.length / size;
      const scores = new Float32Array(n * classes);
      for (let at = 0; at < n; at += step) {
        const end = Math.min(n, at + step);
        // A file exported for groups gets whole ones: the last is filled up, and what the filling gives is dropped.
        const rows = Math.ceil((end - at) / group) * group;
        const fed = new Float32Array(rows * size);
        fed.set(applyPreprocess(plan, x.subarray(at * size, end * size)));
        const values = await original.run({ [input.name]: tensor(input, [rows, ...plan.to], fed) }, [output.name]);
        const all = Float32Array.from(numbers(values[output.name]!));
        const raw = all.subarray(0, (all.length / rows) * (end - at));
        if (labels) {
          for (let i = 0; i < end - at; i++) scores[(at + i) * classes + listed(raw[i]!)] = 1;
        } else if (raw.length === (end - at) * classes) {
          scores.set(raw, at * classes);
        } else {
          // One unit: its value is the second class's score; a probability leaves the rest to the first.
          for (let i = 0; i < end - at; i++) {
            scores[2 * (at + i)] = head.bypassed !== null ? 1 - raw[i]! : 0;
            scores[2 * (at + i) + 1] = raw[i]!;
          }
        }
      }
      return scores;
    },
  };

  /** The label, or the last class for one that the file and the data do not list. */
  function listed(label: number): number {
    return label >= 0 && label < classes ? label : classes - 1;
  }
}
