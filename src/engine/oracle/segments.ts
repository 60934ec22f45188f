import { create } from '@bufbuild/protobuf';
import { barFields, carriedFields, type FieldWidth, fixedFields, keptFields } from '../attack/segmentFields';
import type { SegmentKind, SegmentRunner } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { isAimed } from '../loss/aimed';
import { losses } from '../loss/registry';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import { GraphProtoSchema } from '../onnx/generated/onnx_pb';
import { modelBytes } from '../onnx/write';
import { floats, type Session } from '../runtime';
import { aimsFor } from './aims';
import {
  countInput,
  endedName,
  feedName,
  pointShape,
  radiusInput,
  resultName,
  segmentModel,
  traceName,
} from './segmentModel';
import { workPerExample } from './work';

/** Multiply-adds of one segment at most: a second on a machine that does four thousand million of them. */
const workPerSegment = 4e9;
/** However small the model, its operators cost some microseconds each. */
const mostIterations = 64;
/** A gradient costs about two forward passes. */
const passes = 3;
/**
 * Multiply-adds of a forward pass of one example below which the backward pass of a batch takes no longer than the two runs that
 * evaluate points by themselves (0.2 ms each beside their passes, 0.3 at 100 examples of 784 numbers). Of one example, since
 * results must not depend on the size of the batch.
 */
const briefWork = 5e5;
/** Of the iterations that a first segment may have, in all, and the most there are. */
const firstWork = 4e5;
const mostFirst = 4;

export interface SegmentSessions {
  /** Makes a session of a model; what it makes is released by who gave it. */
  session(model: () => Uint8Array): Promise<Session>;
  logits(x: Float32Array): Promise<Float32Array>;
  readonly counts: { forwards: number; backwards: number };
}

/** @throws `model/not-loadable` where ONNX Runtime refuses the graph. */
export async function createSegments(
  data: DataGraph,
  kind: SegmentKind,
  { session, logits, counts }: SegmentSessions,
): Promise<SegmentRunner> {
  const { classes, plan } = data;
  const fed = Object.entries<FieldWidth>({
    ...fixedFields(kind),
    x: 'example',
    previous: 'example',
    ...Object.fromEntries(barFields(kind).map((f) => [f, 'row'])),
  });
  const carried = Object.keys(carriedFields(kind));
  const kept = Object.keys(keptFields(kind));
  const run = await session(() => segmentModel(data, kind));
  const head = await session(() => lossModel(data, kind));
  const forwardWork = workPerExample(data);
  const work = passes * forwardWork;
  const all = run.outputs;
  const withoutNext = all.filter((name) => name !== resultName('x'));
  const example = pointShape(plan.from);
  const shape = { example, classes: [classes], number: example.map(() => 1), row: [] };
  return {
    longest: (n) => Math.max(1, Math.min(mostIterations, Math.floor(workPerSegment / (work * n)))),
    brief: forwardWork < briefWork,
    first: Math.max(1, Math.min(mostFirst, Math.floor(firstWork / forwardWork))),
    async run(fields, n, iterations, radius, goesOn = true) {
      const feeds = Object.fromEntries(
        fed.map(([f, width]) => [
          feedName(f),
          width === 'scalar' ? floats(fields[f]!.subarray(0, 1), []) : floats(fields[f]!, [n, ...shape[width]]),
        ]),
      );
      const counted = {
        ...feeds,
        [countInput]: { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(iterations)) },
        [radiusInput]: floats(Float32Array.of(radius), []),
      };
      const out = await run.run(counted, goesOn ? all : withoutNext);
      const array = (name: string) => out[name]!.data as Float32Array;
      const done = array(traceName('loss')).length / n;
      counts.forwards += n * done;
      counts.backwards += n * done;
      return {
        iterations: done,
        carried: Object.fromEntries(carried.filter((f) => goesOn || f !== 'x').map((f) => [f, array(resultName(f))])),
        ended: Object.fromEntries(kept.map((f) => [f, array(endedName(f))])),
        loss: array(traceName('loss')),
        score: array(traceName('score')),
        size: array(traceName('size')),
      };
    },
    async evaluate(x, y, aim) {
      const n = y.length;
      const aims = aimsFor(kind.loss, aim, n, classes);
      const z = await logits(x);
      const out = await head.run({
        z: floats(z, [n, classes]),
        onehot: floats(onehotRows(y, classes), [n, classes]),
        ...(aims && { aim: floats(aims, [n, classes]) }),
      });
      return { logits: z, loss: out[Object.keys(out)[0]!]!.data as Float32Array };
    },
  };
}

/** [n, classes]: 1 at the label. */
export function onehotRows(y: Int32Array, classes: number): Float32Array {
  const rows = new Float32Array(y.length * classes);
  for (const [i, label] of y.entries()) rows[i * classes + label] = 1;
  return rows;
}

/** The loss alone, of logits that are already there. */
function lossModel({ model, classes }: DataGraph, { loss }: SegmentKind): Uint8Array {
  const graph = create(GraphProtoSchema, {
    name: 'loss',
    input: ['z', 'onehot', ...(isAimed(loss) ? ['aim'] : [])].map((name) => floatValueInfo(name, ['N', classes])),
  });
  const head = losses[loss](new GraphBuilder(graph), 'z', 'onehot', classes, 'aim');
  graph.output = [floatValueInfo(head.loss, ['N'])];
  return modelBytes(model, graph);
}
