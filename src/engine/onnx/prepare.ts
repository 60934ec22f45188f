import { toBinary } from '@bufbuild/protobuf';
import type { RecordLayout } from '../data/types';
import { RobustnessError } from '../error';
import { createSession, type Session } from '../runtime';
import { type BatchedGraph, exampleShape, groupSize, makeBatchDynamic, tensor, trialExamples } from './batch';
import { type GraphProto, ModelProtoSchema } from './generated/onnx_pb';
import { type Border, classifierBorder, type GraphFacts, graphFacts } from './inspect';
import { refuseCrashes } from './lower/crashes';
import { borderIn, widenFloats } from './lower/floatWidth';
import { checkFunctions, inlineFunctions } from './lower/functions';
import { lowerGraph } from './lower/lower';
import type { Left } from './lower/lowering';
import type { Trial } from './lower/probe';
import { unsignedActivations } from './lower/unsigned';
import { standardOpset } from './opset';
import { prunedTo } from './prune';
import { modelWithSeeds, randomOperators, withMeans, withSeeds } from './random';
import { type LoadedModel, readModel } from './read';
import { freeSize, joinInputs, recordBorder, recordParts, recordSession } from './record';
import { elementCount } from './tensor';
import { upgradeGraph } from './upgrade';
import { Weights } from './weights';
import { batchOfOne, canBeWhole, wholeBorders, wholeSession } from './whole';
import { modelBytes } from './write';
import { withoutZipMap } from './zipMap';

/** A model read, checked, upgraded and batched: what all rewrites start from. */
export interface PreparedModel {
  readonly model: LoadedModel;
  readonly facts: GraphFacts;
  readonly input: Border;
  readonly output: Border;
  readonly graph: GraphProto;
  readonly batch: BatchedGraph['batch'];
  /** Operators between input and output that could not be brought to ones that have a gradient. */
  readonly left: readonly Left[];
  /** Operators behind the scores that were cut off, in the reference session too, which could not return their output. */
  readonly cutOff: readonly string[];
  /** Session on the untouched file, with seeds where it draws random numbers: for a large model, on its own nodes and the copy of its weights that all sessions map. */
  readonly original: Session;
  /** Numbers at the front of an example that attacks may change, where the model takes several inputs. */
  readonly free: number | undefined;
  /** Whether sessions on it had better not copy weights. */
  readonly large: boolean;
  /** Operators by which the scores differ from run to run. */
  readonly random: readonly string[];
  release(): Promise<void>;
}

export interface PrepareOptions {
  readonly threads?: number;
  /** Shape of one example as the model takes it, where data say more than the model declares. */
  readonly exampleOf?: (input: Border) => readonly number[];
  /** How an example holds several inputs of the model; as the model declares them if absent. */
  readonly record?: RecordLayout;
  /** The output that holds the scores; the first float one if absent. */
  readonly output?: string;
}

/** From this many bytes of weights on, memory goes before speed; below, a second copy costs less than it gains. */
const largeModel = 64 * 2 ** 20;

/** @throws the errors of {@link readModel}, {@link classifierBorder}, {@link upgradeGraph} and `model/not-loadable` */
export async function prepareModel(modelPath: string, options: PrepareOptions = {}): Promise<PreparedModel> {
  try {
    return await prepareAs(modelPath, options, 'batch');
  } catch (error) {
    // What looks like a fixed batch may be no batch at all: then all of the input is one example.
    if (!RobustnessError.is(error) || !codesOfBatch.includes(error.code)) throw error;
    return prepareAs(modelPath, options, 'whole').catch(() => {
      throw error;
    });
  }
}

/** The verifier must not see the noise that the attack saw. */
const [attackSeed, originalSeed] = [1, 2];

const codesOfBatch = ['model/fixed-batch', 'model/input-mismatch', 'model/run-failed'];

async function prepareAs(modelPath: string, options: PrepareOptions, first: 'batch' | 'whole'): Promise<PreparedModel> {
  const { threads, exampleOf = exampleShape } = options;
  const read = await readModel(modelPath);
  checkFunctions(read.proto);
  refuseCrashes(read.proto);
  const facts = graphFacts(read);
  const parts = facts.inputs.length > 1 ? recordParts(facts.inputs, options.record) : undefined;
  const unzipped = withoutZipMap(read.proto);
  const unpacked = unzipped ? graphFacts({ ...read, proto: unzipped.proto }) : facts;
  const given = classifierBorder(unpacked, parts && recordBorder(parts), options.output);
  const whole = first === 'whole';
  if (whole && (parts || !canBeWhole(given.input))) throw new RangeError('the input leaves sizes open');
  const { input, output } = whole ? wholeBorders(given.input, given.output) : given;
  const weights = new Weights();
  let original: Session | undefined;
  const release = async (): Promise<void> => {
    await original?.release();
    weights.release();
  };
  try {
    const model = { ...read, proto: await weights.moveFrom(unzipped?.proto ?? read.proto) };
    const own = inlineFunctions(model.proto, upgradeGraph(model.proto.graph, standardOpset(model.proto)));
    const front = whole ? batchOfOne(own, given.input, given.output) : own;
    const joined = parts ? joinInputs(front, parts, typeof input.shape[0] === 'number' ? input.shape[0] : 'N') : front;
    const upgraded = widenFloats(unsignedActivations(prunedTo(joined, output.name)), [output.name]);
    await weights.moveMade(upgraded);
    const large = weights.bytes >= largeModel;
    // Read by ONNX Runtime from the file, weights would be in memory twice over: in the message and as tensors.
    const random = randomOperators(upgraded);
    const file = random.length > 0 ? modelWithSeeds(model.proto, originalSeed) : model.proto;
    const rewritten = large || unzipped || random.length > 0;
    const session = await createSession(rewritten ? toBinary(ModelProtoSchema, file) : modelPath, {
      frugal: large,
      ...(threads === undefined ? {} : { threads }),
    });
    original = parts
      ? recordSession(session, parts)
      : whole
        ? wholeSession(session, given.input, given.output)
        : session;
    const example = exampleOf(input);
    const lowered = await lowerGraph({ proto: model.proto, graph: upgraded, ...trialRuns(upgraded, input, example) });
    const reference =
      random.length > 0
        ? await createSession(modelBytes(model.proto, withMeans(prunedTo(joined, output.name))))
        : original;
    let batched: BatchedGraph;
    try {
      batched = await makeBatchDynamic(model, lowered.graph, input, output, example, reference, joined);
    } finally {
      if (reference !== original) await reference.release();
    }
    const { graph, batch } = batched;
    return {
      model,
      facts,
      input,
      output,
      graph: random.length > 0 ? withSeeds(graph, attackSeed) : graph,
      batch,
      left: lowered.left,
      cutOff: unzipped?.cutOff ?? [],
      original,
      free: parts && freeSize(parts),
      large,
      random,
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** How a graph is run before its batch is known to be dynamic: as the file declares it. */
function trialRuns(graph: GraphProto, input: Border, example: readonly number[]): Omit<Trial, 'proto'> {
  const border = borderIn(graph, input);
  return {
    feed: (batch) => {
      const dims = [batch, ...example];
      const data = trialExamples(input, elementCount(example), batch, 'lower');
      return { [border.name]: tensor(border, dims, data) };
    },
    batchSizes: typeof input.shape[0] === 'string' ? [[1, 2, 3], [1]] : [[groupSize(input)]],
  };
}
