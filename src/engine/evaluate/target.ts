import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { findDataNear } from '../data/near';
import { RobustnessError } from '../error';
import type { ExecutionProvider } from '../runtime';
import type { EnsembleSpec, EnsembleTarget } from '../spec/ensemble';
import { findSpecFor } from '../spec/find';
import { readSpec } from '../spec/read';
import type { Spec, SuiteName } from '../spec/schema';
import type { SpecChanges } from '../spec/strengthen';
import { ensembleTarget, givenEnsemble, isEnsemblePath } from './ensembleTarget';

/** What to evaluate: what the command line, the editor and the worker's messages carry. */
export interface EvaluationRequest {
  /** A spec file, or a model with data. */
  readonly specPath?: string;
  readonly modelPath?: string;
  /** In place of a model, with data: several files as one. */
  readonly ensemble?: EnsembleSpec;
  readonly dataPath?: string;
  readonly preset?: SuiteName;
  /** As written: `8/255`. */
  readonly epsilon?: string;
  readonly norm?: 'linf' | 'l2' | 'l1' | 'l0' | 'edits';
  /** In place of those of the threat models. */
  readonly goal?: 'untargeted' | 'targeted';
  /** least-likely, random, all, or a class by name or position. */
  readonly target?: string;
  readonly limit?: number;
  /** What pitfalls ask for, one after the other: stronger attacks than the spec has, on the threat models that they name. */
  readonly changes?: readonly SpecChanges[];
  /** Those of the model's inputs that attacks change, in place of the spec's. */
  readonly perturb?: readonly string[];
  /** The model's output that holds the scores, in place of the spec's. */
  readonly output?: string;
  readonly seed?: number;
  /** Where to compute; the processor if absent, and where this one does not work. */
  readonly provider?: ExecutionProvider;
  /** Threads within an operator; all cores if absent. */
  readonly threads?: number;
  /** Examples that run together; measured if absent. Changes how long it takes, and nothing else. */
  readonly batchSize?: number;
  /** Where the report goes; `.robustness/<model>.robustness.json` beside the spec if absent. */
  readonly out?: string;
  /** Run to resume. */
  readonly resume?: string;
}

/** One model of a request. */
export interface Target {
  /** Absolute. Of an ensemble, where a file would lie if it were one. */
  readonly modelPath: string;
  readonly ensemble?: EnsembleTarget;
  /** Absolute; null when the settings were given by options. */
  readonly specPath: string | null;
  readonly spec: Spec;
  /** Folder that the spec's paths are relative to, and that `.robustness` goes into. */
  readonly base: string;
  /** What was found rather than stated, in words. */
  readonly inferred: readonly string[];
}

/**
 * The models that a request means: those of its spec, or the one that it names, with a spec found for it or made up
 * from the data given.
 * @throws RobustnessError `usage/…`, `spec/…`, `evaluate/no-data`
 */
export async function targetsOf(request: EvaluationRequest): Promise<Target[]> {
  const { perturb, output, changes } = request;
  const targets = await found(request);
  const least = Math.max(0, ...(changes ?? []).map((change) => change.limit ?? 0));
  if (perturb === undefined && output === undefined && least === 0) return targets;
  return targets.map((target) => {
    const { data } = target.spec;
    const { limit } = data.test;
    const more = limit === undefined ? {} : { limit: Math.max(limit, least) };
    const test = { ...data.test, ...(perturb === undefined ? {} : { perturb: [...perturb] }), ...more };
    const scores = output === undefined ? {} : { output };
    return { ...target, spec: { ...target.spec, ...scores, data: { ...data, test } } };
  });
}

async function found(request: EvaluationRequest): Promise<Target[]> {
  const modelPath = request.modelPath === undefined ? undefined : resolve(request.modelPath);
  if (modelPath !== undefined && !(request.specPath !== undefined && isEnsemblePath(modelPath)))
    await mustExist(modelPath);
  const given = givenEnsemble(request);
  if (given !== null) return given;
  if (request.specPath !== undefined) {
    const specPath = resolve(request.specPath);
    return fromSpec(await readSpec(specPath), specPath, modelPath, []);
  }
  if (modelPath === undefined) {
    throw new RobustnessError(
      'usage/nothing-to-evaluate',
      'Neither a spec nor a model was given.',
      'Name one of them.',
    );
  }
  if (request.dataPath !== undefined) {
    const path = resolve(request.dataPath);
    return [{ modelPath, specPath: null, spec: { data: { test: { path } } }, base: dirname(modelPath), inferred: [] }];
  }
  const root = process.cwd();
  const found = await findSpecFor(modelPath, root);
  if (found !== null) {
    return fromSpec(await readSpec(found), found, modelPath, [`the spec ${found} was found for the model`]);
  }
  const [near] = await findDataNear(modelPath, [root]);
  if (!near) {
    throw new RobustnessError(
      'evaluate/no-data',
      `No data were given for ${modelPath}, and none were found near it.`,
      'Name them with --data, or write a robustness.yaml beside the model.',
    );
  }
  const base = dirname(modelPath);
  return [
    {
      modelPath,
      specPath: null,
      spec: { data: { test: near.source } },
      base,
      inferred: [`the data ${near.source.path} were found near the model`],
    },
  ];
}

/** Folders in which an earlier run of this request may have left its journal. */
export async function basesOf({ specPath, modelPath }: EvaluationRequest): Promise<string[]> {
  if (specPath !== undefined) return [dirname(resolve(specPath))];
  if (modelPath === undefined) return [process.cwd()];
  const model = resolve(modelPath);
  const spec = await findSpecFor(model, process.cwd());
  return [dirname(model), ...(spec === null ? [] : [dirname(spec)])];
}

function fromSpec(spec: Spec, specPath: string, modelPath: string | undefined, inferred: readonly string[]): Target[] {
  const ensemble = ensembleTarget(spec, specPath, modelPath);
  if (ensemble !== null) return [{ ...ensemble, inferred: [...inferred, ...ensemble.inferred] }];
  const base = dirname(specPath);
  const models =
    modelPath !== undefined ? [modelPath] : (spec.models ?? (spec.model === undefined ? [] : [spec.model]));
  if (models.length === 0) {
    throw new RobustnessError(
      'spec/no-model',
      `The spec ${specPath} names no model.`,
      'Add `model: path/to/model.onnx`, or name a model on the command line.',
    );
  }
  return models.map((model) => ({ modelPath: resolve(base, model), specPath, spec, base, inferred }));
}

async function mustExist(path: string): Promise<void> {
  try {
    await access(path);
  } catch (cause) {
    throw new RobustnessError('model/unreadable', `There is no model at ${path}.`, 'Check the path.', { cause });
  }
}
