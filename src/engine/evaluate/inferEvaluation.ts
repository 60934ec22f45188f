import type { DataKind } from '../data/types';
import type { DataSource, Preprocess, ResolvedThreatModel } from '../spec/schema';
import { infer } from './inference';
import { openSubject } from './prepare';
import { targetsOf } from './target';

/** What can be told about a model and its data before any spec exists. */
export interface EvaluationInference {
  readonly data: DataSource;
  readonly facts: {
    readonly count: number;
    readonly kind: DataKind;
    readonly shape: readonly number[];
    readonly storedRange: readonly [number, number] | null;
    readonly unit: number;
    readonly classes: readonly string[] | null;
  };
  readonly preprocess: Preprocess;
  /** On a sample, with this pre-processing. */
  readonly accuracy: number;
  readonly atChance: boolean;
  /** What was tried and what came out, in words. */
  readonly message: string;
  readonly threatModels: readonly ResolvedThreatModel[];
  readonly inferred: readonly string[];
}

/** Opens the data (given, or found near the model), tries the usual pre-processings, and proposes a threat model. */
export async function inferEvaluation(modelPath: string, dataPath?: string): Promise<EvaluationInference> {
  const request = { modelPath, ...(dataPath === undefined ? {} : { dataPath }) };
  const [target] = await targetsOf(request);
  if (!target) throw new RangeError('a request for a model has one target');
  const subject = await openSubject(target, request);
  try {
    const { dataset, spec } = subject;
    const { preprocess, accuracy, atChance, message } = await infer(subject);
    const { count, kind, shape, storedRange, unit, classes } = dataset;
    return {
      data: spec.data.test,
      facts: { count, kind, shape, storedRange, unit, classes },
      preprocess,
      accuracy,
      atChance,
      message,
      threatModels: spec.threatModels,
      inferred: [...target.inferred, ...spec.inferred],
    };
  } finally {
    await subject.dataset.close();
  }
}
