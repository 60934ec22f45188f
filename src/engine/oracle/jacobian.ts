import type { JacobianResult } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { RobustnessError } from '../error';
import { differentiate } from '../gradient/differentiate';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import { Constants } from '../onnx/constants';
import { unitsOf } from '../onnx/head';
import { dataInput } from '../onnx/preprocess';
import { elementCount } from '../onnx/tensor';
import { modelBytes } from '../onnx/write';
import { floats, type Session } from '../runtime';
import { extensible } from './gradientModel';

/** Floats of all intermediate gradients of one run: 128 MiB. */
const floatsPerRun = 32 * 2 ** 20;
const mostSeeds = 32;

export interface JacobianSessions {
  /** Makes a session of a model; what it makes is released by who gave it. */
  session(model: () => Uint8Array): Promise<Session>;
  /** Examples in a run at most. */
  readonly batchSize: number;
  readonly counts: { forwards: number; backwards: number };
}

/**
 * Gradients of several logits in one pass: the forward pass is computed once, and the linear part of the backward pass runs on
 * all of them at a time. Many classes are split into equal groups, and many examples into batches, by memory.
 *
 * @param x [n, ...example]
 * @param chosen classes, in the order in which their gradients come back.
 * @throws `attack/request` for a class that the model has not.
 */
export function createJacobian(data: DataGraph, given: JacobianSessions) {
  const { session, counts } = given;
  const { classes, plan, observation } = data;
  const size = elementCount(plan.from);
  const sessions = new Map<number, Promise<Session>>();
  const withSeeds = (seeds: number): Promise<Session> => {
    const known = sessions.get(seeds) ?? session(() => jacobianModel(data, seeds));
    sessions.set(seeds, known);
    return known;
  };

  return async (x: Float32Array, chosen: readonly number[] = [...Array(classes).keys()]): Promise<JacobianResult> => {
    const odd = chosen.find((k) => !(Number.isInteger(k) && k >= 0 && k < classes));
    if (odd !== undefined) {
      throw new RobustnessError(
        'attack/request',
        `There is no class ${odd}: the model has ${classes}.`,
        'Ask for gradients of classes from 0 on.',
      );
    }
    const n = x.length / size;
    const result = { logits: new Float32Array(n * classes), gradient: new Float32Array(n * chosen.length * size) };
    const perExample = Math.max(1, observation.floatsPerExample);
    const groups = Math.ceil(chosen.length / Math.max(1, Math.min(mostSeeds, Math.floor(floatsPerRun / perExample))));
    const seeds = Math.ceil(chosen.length / Math.max(1, groups));
    const batch = Math.max(1, Math.min(given.batchSize, Math.floor(floatsPerRun / (perExample * Math.max(1, seeds)))));
    if (chosen.length === 0) return result;
    const run = await withSeeds(seeds);
    for (let first = 0; first < chosen.length; first += seeds) {
      const some = chosen.slice(first, first + seeds);
      // A short last group is filled up with zeros, so that one session serves all.
      const rows = new Float32Array(seeds * classes);
      for (const [i, k] of some.entries()) rows[i * classes + k] = 1;
      for (let at = 0; at < n; at += batch) {
        const count = Math.min(n, at + batch) - at;
        const out = await run.run({
          [dataInput]: floats(x.subarray(at * size, (at + count) * size), [count, ...plan.from]),
          [seedInput]: floats(rows, [seeds, 1, classes]),
        });
        result.logits.set(out[logitsOutput]!.data as Float32Array, at * classes);
        const gradient = out[gradientOutput]!.data as Float32Array;
        for (let i = 0; i < count; i++) {
          for (let k = 0; k < some.length; k++) {
            const from = (k * count + i) * size;
            result.gradient.set(gradient.subarray(from, from + size), ((at + i) * chosen.length + first + k) * size);
          }
        }
      }
    }
    counts.forwards += n * Math.ceil(chosen.length / seeds);
    counts.backwards += n * chosen.length;
    return result;
  };
}

const seedInput = 'ri_seeds';
const logitsOutput = 'ri_logits';
const gradientOutput = 'ri_gradient';

/** Inputs x and seeds [seeds, 1, classes]; outputs logits, and the gradient of each seed's combination: [seeds, N, ...example]. */
function jacobianModel(data: DataGraph, seeds: number): Uint8Array {
  const { classes, plan, observation, head } = data;
  const graph = extensible(data.graph);
  const b = new GraphBuilder(graph);
  graph.input = [...graph.input, floatValueInfo(seedInput, [seeds, 1, classes])];
  // One unit of a classifier stands for the logits [0, z]: only the second column depends on the model.
  const units = unitsOf(head.tensor, observation);
  const own = units < classes ? b.op('Slice', [seedInput, b.ints([1]), b.ints([2]), b.ints([2])]) : seedInput;
  const flat = b.op('Reshape', [head.tensor, b.ints([-1, units])]);
  const lead = b.op('Concat', [b.ints([seeds]), b.op('Shape', [flat])], { axis: 0 });
  const shape = b.op('Concat', [b.ints([seeds]), b.op('Shape', [head.tensor])], { axis: 0 });
  const arriving = b.op('Reshape', [b.op('Expand', [own, lead]), shape]);
  const gradients = differentiate({
    builder: b,
    observation,
    constants: new Constants(graph),
    from: [dataInput],
    arriving: new Map([[head.tensor, arriving]]),
    seeds,
  });
  b.named('Identity', [data.logits], logitsOutput);
  b.named('Identity', [gradients.get(dataInput)!], gradientOutput);
  graph.output = [
    floatValueInfo(logitsOutput, ['N', classes]),
    floatValueInfo(gradientOutput, [seeds, 'N', ...plan.from]),
  ];
  return modelBytes(data.model, graph);
}
