import { buildDataGraph, type DataGraph } from '../dataGraph';
import { RobustnessError } from '../error';
import { exampleShape, groupSize, numbers, tensor } from '../onnx/batch';
import { graphFacts } from '../onnx/inspect';
import { type PreparedModel, prepareModel } from '../onnx/prepare';
import { readModel } from '../onnx/read';
import { elementCount } from '../onnx/tensor';
import { createOracle, type OracleOptions, type OwnedOracle } from '../oracle/oracle';
import { Random } from '../random';
import { floatBox, place } from './box';
import { smoothSteps } from './smoothSteps';
import type { Property } from './vnnlib';

/** A network as VNN-LIB sees it: numbers in, numbers out. */
export interface Network {
  /** What the search asks: [n, inputs] in, [n, outputs] out, with gradients where there are any. */
  readonly oracle: OwnedOracle;
  /** Floats that one example's intermediate tensors hold: what a run costs. */
  readonly floatsPerExample: number;
  /** Operators without a gradient. */
  readonly unavailable: readonly string[];
  /** The untouched file, one example [inputs] at a time, as it was exported: [outputs]. */
  original(x: Float32Array): Promise<Float64Array>;
  release(): Promise<void>;
}

export type NetworkOptions = Pick<OracleOptions, 'threads' | 'provider'>;

const identity = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
/** Intermediate floats of one batch: 16 MiB, of which tiny networks fill many rows. */
const floatsPerBatch = 4 * 2 ** 20;
const largestBatch = 1024;
/** Points of the boxes at which thresholds are looked at. */
const probes = 32;

/**
 * Opens a model as a function of numbers, whatever it computes: classifiers, regressions and controllers alike.
 *
 * A last Softmax or Sigmoid belongs to what the property speaks of. Only if the property does no more than compare outputs
 * with each other, which keep their order, does the search look at what comes before, where gradients do not vanish.
 *
 * @throws `model/*`; `certify/mismatch` where the property's numbers are not the network's
 */
export async function openNetwork(
  modelPath: string,
  property: Property,
  options: NetworkOptions = {},
): Promise<Network> {
  const { inputs, outputs } = graphFacts(await readModel(modelPath));
  const odd = inputs.length > 1 ? inputs.find(({ type }) => !['float', 'double', 'float16'].includes(type)) : undefined;
  if (odd) {
    throw new RobustnessError(
      'certify/mismatch',
      `The model's input "${odd.name}" is ${odd.type}; a property bounds real numbers.`,
      'Export the model with this input fixed to a constant.',
    );
  }
  const own = outputs.find(({ shape }) => elementCount(shape.slice(1).map(Number)) === property.outputs);
  const prepared = await prepareModel(modelPath, {
    ...(own && outputs.length > 1 ? { output: own.name } : {}),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  try {
    const example = exampleShape(prepared.input);
    checkInputs(property, elementCount(example));
    const fitted = { ...prepared, graph: await smoothSteps(prepared, example, pointsOf(property), probes) };
    const build = (heads: 'scores' | 'raw') =>
      buildDataGraph(fitted, { preprocess: identity, exampleShape: example, kind: 'vector', heads });
    let data = await build('raw');
    checkOutputs(property, data.classes);
    if (comparesOnly(property)) {
      const scores = await build('scores');
      if (scores.classes === data.classes && keepsOrder(scores)) data = scores;
    }
    const { floatsPerExample } = data.observation;
    const fits = Math.floor(floatsPerBatch / Math.max(1, floatsPerExample));
    const batchSize = data.batched ? Math.max(1, Math.min(largestBatch, fits)) : 1;
    const oracle = await createOracle(data, { ...options, batchSize });
    return {
      oracle,
      floatsPerExample,
      unavailable: data.status.unavailable,
      original: (x) => runOriginal(prepared, example, x),
      async release() {
        await oracle.release();
        await prepared.release();
      },
    };
  } catch (error) {
    await prepared.release();
    throw error;
  }
}

/** A file exported for groups gets the example as often as it wants one; the first answer counts. */
async function runOriginal(
  prepared: PreparedModel,
  example: readonly number[],
  x: Float32Array,
): Promise<Float64Array> {
  const { input, output, original } = prepared;
  const rows = groupSize(input);
  const fed = new Float32Array(rows * x.length);
  for (let i = 0; i < rows; i++) fed.set(x, i * x.length);
  const values = await original.run({ [input.name]: tensor(input, [rows, ...example], fed) }, [output.name]);
  const all = Float64Array.from(numbers(values[output.name]!));
  return all.subarray(0, all.length / rows);
}

/** Softmax and its kin over all of an example's outputs, or one function of each alike. */
function keepsOrder({ head: { bypassed } }: DataGraph): boolean {
  return bypassed !== null && ['Softmax', 'LogSoftmax', 'Sigmoid'].includes(bypassed);
}

/** Whether each constraint is Y_i ≥ Y_j. */
export function comparesOnly({ regions }: Property): boolean {
  return regions.every(({ conjunctions }) =>
    conjunctions.every((conjunction) =>
      conjunction.every(
        ({ inputs, outputWeights: [first, second, ...more], constant }) =>
          inputs.length === 0 && constant === 0 && more.length === 0 && first !== undefined && first === -second!,
      ),
    ),
  );
}

/** Points to look at the network's thresholds at, drawn evenly from the property's boxes in turn. */
function pointsOf({ regions, inputs }: Property): Float32Array {
  const x = new Float32Array(probes * inputs);
  const random = Random.of(0, 'certify', 'probes');
  const boxes = regions.slice(0, probes).map(({ low, high }) => floatBox(low, high));
  for (let i = 0; i < probes && boxes.length > 0; i++) {
    place(boxes[i % boxes.length]!, 'uniform', random, x.subarray(i * inputs, (i + 1) * inputs));
  }
  return x;
}

function checkInputs({ inputs }: Property, size: number): void {
  if (inputs !== size) throw mismatch(`The property bounds ${inputs} inputs, the model takes ${size} numbers.`);
}

function checkOutputs({ outputs }: Property, size: number): void {
  if (outputs !== size) throw mismatch(`The property is about ${outputs} outputs, the model returns ${size} numbers.`);
}

function mismatch(message: string): RobustnessError {
  return new RobustnessError('certify/mismatch', message, 'Check that the property belongs to this model.');
}
