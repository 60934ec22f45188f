import { createSession, type Session } from '../runtime';
import { type BatchedGraph, exampleShape, makeBatchDynamic } from './batch';
import type { GraphProto } from './generated/onnx_pb';
import { type Border, classifierBorder, type GraphFacts, graphFacts } from './inspect';
import { widenFloats } from './lower/floatWidth';
import { standardOpset } from './opset';
import { type LoadedModel, readModel } from './read';
import { upgradeGraph } from './upgrade';

/** A model read, checked, upgraded and batched: what all rewrites start from. */
export interface PreparedModel {
  readonly model: LoadedModel;
  readonly facts: GraphFacts;
  readonly input: Border;
  readonly output: Border;
  readonly graph: GraphProto;
  readonly batch: BatchedGraph['batch'];
  /** Session on the untouched file. */
  readonly original: Session;
}

export interface PrepareOptions {
  readonly threads?: number;
  /** Shape of one example as the model takes it, where data say more than the model declares. */
  readonly exampleOf?: (input: Border) => readonly number[];
}

/** @throws the errors of {@link readModel}, {@link classifierBorder}, {@link upgradeGraph} and `model/not-loadable` */
export async function prepareModel(modelPath: string, options: PrepareOptions = {}): Promise<PreparedModel> {
  const { threads, exampleOf = exampleShape } = options;
  const model = await readModel(modelPath);
  const facts = graphFacts(model);
  const { input, output } = classifierBorder(facts);
  const upgraded = widenFloats(upgradeGraph(model.proto.graph, standardOpset(model.proto)), [output.name]);
  const original = await createSession(modelPath, threads === undefined ? {} : { threads });
  try {
    const { graph, batch } = await makeBatchDynamic(model, upgraded, input, output, exampleOf(input), original);
    return { model, facts, input, output, graph, batch, original };
  } catch (error) {
    await original.release();
    throw error;
  }
}
