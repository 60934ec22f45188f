import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { infeasibility } from '../attack/verifyConstraints';
import type { OpenDataset } from '../data/assemble';
import { checkFeasible, constraintsOf, scaledDataset } from '../data/features';
import { formatOf } from '../data/format';
import { readGroups } from '../data/groups';
import { openDataset } from '../data/open';
import { withInputsByName } from '../data/record';
import type { SeriesInput } from '../data/series';
import { openEnsemble } from '../ensemble/open';
import { RobustnessError } from '../error';
import { inspectModel, type ModelFacts, type OpenedModel, openModel } from '../model';
import type { Report } from '../report/schema';
import { storedPath } from '../report/store';
import { runtimeVersion } from '../runtime';
import { type DeclaredShape, imageInput, withSeriesSizes } from '../spec/modelInput';
import { resolveSpec } from '../spec/resolve';
import { portableShifts } from '../spec/resolveShifts';
import type { Preprocess, ResolvedSpec } from '../spec/schema';
import { strengthen } from '../spec/strengthen';
import { describeText, type TextModel } from '../text/describe';
import { noTextInputs } from '../text/inputs';
import { openText } from '../text/open';
import { surveyTexts } from '../text/survey';
import type { ReportFrame } from './assemble';
import { filesOf, inspectMembers } from './ensembleSubject';
import type { EvaluationFacts } from './stage/stage';
import type { EvaluationRequest, Target } from './target';
import { tool } from './version';

/** Data and settings of one model, before it is opened for attacks. */
export interface Subject {
  readonly target: Target;
  readonly dataset: OpenDataset;
  readonly spec: ResolvedSpec;
  readonly model: ModelFacts;
  /** How the model takes time series; null where it does not seem to. */
  readonly series: SeriesInput | null;
  /** Of the features of a table, where the spec declares them. */
  readonly scale: readonly number[] | undefined;
  /** [count] name of each example's group; null where the spec names none. */
  readonly groups: readonly string[] | null;
  /** Of a model that takes texts. */
  readonly text?: { readonly model: TextModel; readonly report: NonNullable<Report['text']> };
  /** Where and how the model runs; figures differ by it in rounding alone. */
  readonly runtime: Pick<EvaluationRequest, 'threads' | 'provider'>;
}

/** Opens the data, looks at the model, and settles every setting that can be settled without running it. */
export async function openSubject(target: Target, request: EvaluationRequest): Promise<Subject> {
  const { data, preprocess } = target.spec;
  const { ensemble, spec: stated } = target;
  const {
    facts: model,
    series,
    text,
  } = ensemble
    ? { ...(await inspectMembers({ ensemble, spec: stated })), text: undefined }
    : await inspectModel(target.modelPath, stated.output);
  const texts = text ? await describeText(target.modelPath) : null;
  if (texts === null && data.test.text !== undefined) throw noTextInputs(model);
  const several = model.inputs.length > 1 && texts === null;
  const input = several || texts ? [] : (model.inputs[0]?.shape ?? []);
  const resize = preprocess?.resize ?? (await fittingSize(target, input));
  const limits = [data.test.limit, request.limit].filter((limit) => limit !== undefined);
  const source = several ? withInputsByName(data.test, model.inputs) : data.test;
  const stored = await openDataset(source, target.base, {
    range: data.range,
    unit: data.unit,
    classes: data.classes,
    answers: target.spec.task === 'regression' ? 'targets' : 'labels',
    resize,
    channels: preprocess?.channels,
    ...(texts ? { texts: true, names: texts.tokenizer.labels ?? undefined } : {}),
    series: several || data.features ? undefined : (series ?? undefined),
    ...(limits.length > 0 ? { limit: Math.min(...limits) } : {}),
  });
  const { groups } = data.test;
  if (groups !== undefined && target.spec.task === 'regression') {
    throw new RobustnessError(
      'spec/groups',
      'Groups are compared by accuracy, which a model that predicts numbers has not.',
      'Remove `data.test.groups`.',
    );
  }
  const grouped = groups === undefined ? null : await readGroups({ ...data.test, groups }, target.base, stored);
  const constraints = data.features === undefined ? undefined : constraintsOf(data.features, stored);
  const dataset = constraints ? scaledDataset(stored, constraints) : stored;
  if (constraints) await checkFeasible(dataset, constraints, infeasibility);
  const options = {
    modelPath: target.modelPath,
    base: target.base,
    preset: request.preset,
    epsilon: request.epsilon,
    norm: request.norm,
    goal: request.goal,
    target: request.target,
    limit: request.limit,
    seed: request.seed,
  };
  const settled =
    resize && !preprocess?.resize ? { ...target.spec, preprocess: { ...preprocess, resize } } : target.spec;
  const resolved = resolveSpec(settled, target.specPath, options, {
    data: { ...dataset, ...(constraints ? { constraints } : {}) },
    modelInput: dataset.kind === 'series' ? withSeriesSizes(input, series?.layout, dataset.shape) : input,
  });
  const { threads, provider, changes } = request;
  const spec = changes ? strengthen(resolved, changes, dataset.classes?.length ?? null) : resolved;
  const note = resize && !preprocess?.resize ? [`images are resized to the model's ${resize[0]} × ${resize[1]}`] : [];
  const runtime = { ...(threads === undefined ? {} : { threads }), ...(provider === undefined ? {} : { provider }) };
  return {
    target,
    dataset,
    spec: { ...spec, inferred: [...spec.inferred, ...note] },
    model,
    series: dataset.kind === 'series' ? series : null,
    ...(texts ? { text: { model: texts, report: await textReport(texts, dataset, target.base) } } : {}),
    runtime,
    scale: constraints?.scale,
    groups: grouped,
  };
}

/** What a report says of the tokenizer and of what it makes of the texts. */
async function textReport(text: TextModel, dataset: OpenDataset, base: string): Promise<NonNullable<Report['text']>> {
  const { vocabulary, ...figures } = await surveyTexts(dataset, text);
  const { path, sha256, model: kind } = text.tokenizer;
  return { tokenizer: { path: storedPath(base, path), sha256, kind, vocabulary }, ...figures };
}

/** Pictures come in any size: where the model takes one size and the spec names none, they are resized to the model's. */
async function fittingSize(target: Target, input: DeclaredShape): Promise<[number, number] | undefined> {
  const { test } = target.spec.data;
  const image = imageInput(input);
  if (image === null || (test.format ?? (await formatOf(resolve(target.base, test.path)))) !== 'folder')
    return undefined;
  return [image.height, image.width];
}

/** @param batchSize to run the model with, or `measure`; estimated if absent, which is enough for a few passes. */
export async function openFor(
  subject: Subject,
  preprocess: Preprocess,
  batchSize?: number | 'measure',
): Promise<OpenedModel> {
  const { target, dataset, runtime, scale } = subject;
  if (subject.text) {
    const textual = target.modelPath === subject.text.model.modelPath;
    return openText(textual ? subject.text.model : await describeText(target.modelPath), {
      ...runtime,
      ...(batchSize === undefined ? {} : { batchSize }),
      width: dataset.shape[0] ?? 1,
      countClasses: () => classCount(dataset),
      ...(target.spec.output === undefined ? {} : { output: target.spec.output }),
    });
  }
  const [first] = dataset.record ? await firstBatch(dataset, 1) : [];
  const options = {
    ...runtime,
    ...(batchSize === undefined ? {} : { batchSize }),
    exampleShape: dataset.shape,
    kind: dataset.kind,
    heads: target.spec.task === 'regression' ? 'raw' : 'scores',
    countClasses: () => classCount(dataset),
    ...(dataset.record && first ? { record: { ...dataset.record, example: first } } : {}),
  } as const;
  if (target.ensemble) {
    const [some] = await firstBatch(dataset, checkedExamples);
    return openEnsemble(filesOf(subject, preprocess), options, some ?? new Float32Array(0));
  }
  return openModel(target.modelPath, {
    ...options,
    preprocess: scale ? { ...preprocess, scale } : preprocess,
    ...(target.spec.output === undefined ? {} : { output: target.spec.output }),
  });
}

/** Examples on which the graph of an ensemble is held against its files. */
const checkedExamples = 4;

async function firstBatch(dataset: OpenDataset, count: number): Promise<[Float32Array] | []> {
  for await (const { x } of dataset.batches(count, { end: Math.min(count, dataset.count) })) return [x];
  return [];
}

/** Classes that the data name, or as many as the largest label makes. */
async function classCount(dataset: OpenDataset): Promise<number> {
  if (dataset.classes) return dataset.classes.length;
  let largest = 0;
  for await (const { y } of dataset.batches(256)) for (const label of y) if (label > largest) largest = label;
  return largest + 1;
}

/** Examples in a unit at most: a run that is interrupted does the last unit again. */
const largestUnit = 64;

export function factsOf({ dataset, spec }: Subject, { oracle }: OpenedModel): EvaluationFacts {
  const { kind, shape, range, features, count, sampleRate } = dataset;
  const names = dataset.classes ?? [];
  return {
    kind,
    shape,
    range,
    features,
    ...(sampleRate === undefined ? {} : { sampleRate }),
    count,
    classes: Array.from({ length: spec.task === 'regression' ? 0 : oracle.classes }, (_, k) => names[k] ?? String(k)),
    differentiable: oracle.differentiable,
    ...(oracle.labelsOnly ? { labelsOnly: true } : {}),
    unitSize: Math.min(largestUnit, Math.max(8, oracle.estimatedBatchSize)),
  };
}

/** Data in more files than this (folders of images) are named by their folder alone. */
const mostFiles = 64;

/** @param base folder that the report's paths are relative to */
export function frameOf(
  subject: Subject,
  spec: ResolvedSpec,
  opened: OpenedModel,
  facts: EvaluationFacts,
  notes: readonly string[],
  base: string,
  runId: string,
): ReportFrame {
  const { target, dataset, runtime } = subject;
  const portable = portableSpec(spec, base);
  const { provider, batch } = opened.oracle;
  return {
    tool,
    createdAt: new Date().toISOString(),
    run: runId,
    seed: spec.seed,
    model: {
      ...opened.facts,
      path: storedPath(base, target.modelPath),
      ...(opened.facts.ensemble ? { ensemble: portableMembers(opened.facts.ensemble, base) } : {}),
    },
    data: {
      path: storedPath(base, dataset.path),
      sha256: dataset.sha256,
      ...(dataset.files !== undefined && dataset.files.length <= mostFiles
        ? { files: dataset.files.map((file) => storedPath(base, file)) }
        : {}),
      count: dataset.count,
      available: dataset.available,
      kind: dataset.kind,
      shape: [...dataset.shape],
      ...(dataset.sampleRate === undefined ? {} : { sampleRate: dataset.sampleRate }),
      range: dataset.range && [...dataset.range],
      unit: dataset.unit,
      classes: [...facts.classes],
    },
    spec: portable,
    specPath: target.specPath && storedPath(base, target.specPath),
    specSha256: createHash('sha256').update(canonical(portable)).digest('hex'),
    inferred: [...target.inferred, ...spec.inferred, ...notes],
    threatModelStated: spec.threatModelStated,
    ...(subject.text ? { text: subject.text.report } : {}),
    environment: {
      onnxruntime: runtimeVersion(),
      executionProvider: provider.used,
      requestedProvider: provider.requested,
      providerReason: provider.reason,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      threads: runtime.threads ?? availableParallelism(),
      batchSize: batch.size,
    },
  };
}

function portableMembers<E extends { readonly members: readonly { readonly path: string }[] }>(
  ensemble: E,
  base: string,
): E {
  return { ...ensemble, members: ensemble.members.map((each) => ({ ...each, path: storedPath(base, each.path) })) };
}

/** The resolved spec without this machine's folders. */
function portableSpec(spec: ResolvedSpec, base: string): Report['spec'] {
  const { inferred: _inferred, threatModelStated: _stated, ...settings } = spec;
  return {
    ...settings,
    // They follow from what is declared, and hold infinities, which JSON has not.
    threatModels: spec.threatModels.map(({ constraints: _, ...threat }) => threat),
    specPath: spec.specPath && storedPath(base, spec.specPath),
    modelPath: storedPath(base, spec.modelPath),
    ...(spec.ensemble ? { ensemble: portableMembers(spec.ensemble, base) } : {}),
    data: { ...spec.data, test: { ...spec.data.test, path: storedPath(base, spec.data.test.path) } },
    ...portableShifts(spec, (path) => storedPath(base, path)),
    ...(spec.baseline === undefined ? {} : { baseline: storedPath(base, spec.baseline) }),
  };
}

/** JSON with sorted keys: the same settings give the same hash, in whatever order they were written. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
