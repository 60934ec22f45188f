import { createSession, type Session } from '../runtime';
import { type BatchedGraph, makeBatchDynamic } from './batch';
import type { GraphProto } from './generated/onnx_pb';
import { type Border, classifierBorder, type GraphFacts, graphFacts } from './inspect';
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

/** @throws the errors of {@link readModel}, {@link classifierBorder}, {@link upgradeGraph} and `model/not-loadable` */
export async function prepareModel(modelPath: string, threads?: number): Promise<PreparedModel> {
  const model = await readModel(modelPath);
  const facts = graphFacts(model);
  const { input, output } = classifierBorder(facts);
  const upgraded = upgradeGraph(model.proto.graph, standardOpset(model.proto));
  const original = await createSession(modelPath, threads === undefined ? {} : { threads });
  try {
    const { graph, batch } = await makeBatchDynamic(model, upgraded, input, output, original);
    return { model, facts, input, output, graph, batch, original };
  } catch (error) {
    await original.release();
    throw error;
  }
}
