import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AnyReport, isRegression } from '../engine/report/regression';
import { baseOfReport, resolveStored, storedPath } from '../engine/report/store';
import { parseFraction } from '../engine/spec/fraction';
import type { Spec } from '../engine/spec/schema';
import { findTokenizer, tokenizerFiles } from '../engine/text/tokenizerFile';
import { type EnsembleSources, ensembleChanges, ensembleSources } from './ensembleStaleness';
import type { Change } from './evidence';
import type { FileHashes } from './hashes';
import type { SpecFiles } from './specFiles';

/** What a report was made of, as far as it can be compared with what lies on the disk now. */
export interface Sources {
  readonly model: { readonly path: string; readonly sha256: string; readonly external: readonly Hashed[] };
  /** In place of one model file. */
  readonly ensemble: EnsembleSources | null;
  /** What cuts up the texts that the model reads; null for models that read none. */
  readonly tokenizer: Hashed | null;
  readonly data: { readonly path: string; readonly sha256: string; readonly files: readonly string[] | null };
  readonly specPath: string | null;
  readonly threatModels: readonly Pick<
    AnyReport['threatModels'][number],
    'name' | 'norm' | 'epsilon' | 'knowledge' | 'goal'
  >[];
  /** As it was resolved. */
  readonly preprocess: unknown;
  readonly unit: number;
}

interface Hashed {
  readonly path: string;
  readonly sha256: string;
}

/** Formats of data that are in one file, whatever the spec says. Reports of earlier versions do not list the files. */
const inOneFile = /\.(?:npz|csv|tsv|parquet|bin)$/i;

export function sourcesOf(report: AnyReport): Sources {
  const { model, data, specPath, spec } = report;
  return {
    model: { path: model.path, sha256: model.sha256, external: model.external ?? [] },
    ensemble: ensembleSources(report),
    tokenizer: tokenizerOf(report),
    data: {
      path: data.path,
      sha256: data.sha256,
      files: data.files ?? (inOneFile.test(data.path) ? [data.path] : null),
    },
    specPath,
    threatModels: report.threatModels.map(({ name, norm, epsilon, knowledge, goal }) => ({
      name,
      norm,
      epsilon,
      knowledge,
      goal,
    })),
    preprocess: spec.preprocess,
    unit: data.unit,
  };
}

function tokenizerOf(report: AnyReport): Hashed | null {
  if (isRegression(report) || !report.text) return null;
  const { path, sha256 } = report.text.tokenizer;
  return { path, sha256 };
}

/**
 * What changed since a report was made: the model (its file, one that holds its weights, or its tokenizer), the data, or what the
 * spec says of the threat models and the pre-processing that the report names. What is not there is not known to differ.
 *
 * @param file absolute path of the report
 */
export async function changesSince(
  file: string,
  sources: Sources,
  hashes: FileHashes,
  specs: SpecFiles,
): Promise<{ changed: Change[]; unknown: string[] }> {
  const changed: Change[] = [];
  const unknown: string[] = [];
  const compare = async (what: 'model' | 'data', words: string, paths: readonly string[], recorded: string) => {
    const now = await hashes.of(paths);
    if (now === null) unknown.push(`${words} ${await whyUnknown(paths)}`);
    else if (now !== recorded) changed.push({ what, words: `${words} changed` });
  };
  const { model, data } = sources;
  const { ensemble } = sources;
  for (const each of ensemble?.members ?? [model]) {
    const modelFile = resolveStored(file, each.path);
    const what = ensemble ? 'the member' : 'the model file';
    await compare('model', `${what} ${each.path}`, [modelFile], each.sha256);
    for (const { path, sha256 } of each.external)
      await compare('model', `the weights ${path} of ${each.path}`, [join(dirname(modelFile), path)], sha256);
  }
  const { tokenizer } = sources;
  if (tokenizer !== null) {
    const recorded = resolveStored(file, tokenizer.path);
    const found = await findTokenizer(resolveStored(file, model.path));
    // Another one that lies nearer to the model is what the model reads through now, whatever became of this one.
    if (found !== null && found !== recorded) {
      const nearer = storedPath(baseOfReport(file), found);
      changed.push({ what: 'model', words: `the tokenizer is ${nearer} now, not ${tokenizer.path}` });
    } else {
      await compare('model', `the tokenizer ${tokenizer.path}`, await tokenizerFiles(recorded), tokenizer.sha256);
    }
  }
  if (data.files === null) unknown.push(`the data ${data.path} are in many files and not compared`);
  else {
    const files = data.files.map((path) => resolveStored(file, path));
    await compare('data', `the data ${data.path}`, files, data.sha256);
  }
  if (sources.specPath !== null) {
    const path = sources.specPath;
    const specFile = resolveStored(file, path);
    const spec = await specs.read(specFile);
    const words = spec === null ? [] : specChanges(spec, sources);
    if (spec !== null && ensemble) words.push(...ensembleChanges(spec, specFile, file, ensemble));
    changed.push(
      ...words.map((words) => ({
        what: 'spec' as const,
        words: `${path} now says ${words}`,
      })),
    );
  }
  return { changed, unknown };
}

async function whyUnknown(paths: readonly string[]): Promise<string> {
  const there = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        (info) => info.isFile(),
        () => false,
      ),
    ),
  );
  return there.every(Boolean) ? 'cannot be read and compared' : 'is not here';
}

/**
 * How a spec differs from what a report was made by. Threat models that were added or removed, and other suites or limits, take
 * nothing from what was measured; nor do settings that the spec leaves open.
 */
function specChanges(spec: Spec, sources: Sources): string[] {
  const words: string[] = [];
  for (const measured of sources.threatModels) {
    const stated = spec.threatModels?.find(({ name }) => name === measured.name);
    if (!stated) continue;
    const { norm, knowledge, goal } = stated;
    const epsilon = parseFraction(stated.epsilon);
    const differs = Math.abs(epsilon - measured.epsilon) > 1e-9 * Math.max(1, measured.epsilon);
    if (norm !== measured.norm) words.push(`norm ${norm} of ${measured.name}, not ${measured.norm}`);
    if (differs) words.push(`ε = ${stated.epsilon} of ${measured.name}, not ${short(measured.epsilon)}`);
    if (knowledge !== undefined && knowledge !== measured.knowledge)
      words.push(`${knowledge} of ${measured.name}, not ${measured.knowledge}`);
    if (goal !== undefined && goal !== measured.goal) words.push(`${goal} of ${measured.name}, not ${measured.goal}`);
  }
  const before = (sources.preprocess ?? {}) as Readonly<Record<string, unknown>>;
  for (const key of ['mean', 'std'] as const) {
    const now = spec.preprocess?.[key];
    const then = before[key];
    if (now === undefined || !Array.isArray(then)) continue;
    const values = typeof now === 'number' ? [now] : now;
    if (!sameNumbers(values, then)) words.push(`${key} ${values.join(', ')}, not ${then.join(', ')}`);
  }
  const { unit } = spec.data;
  if (unit !== undefined && unit !== sources.unit) words.push(`unit ${unit}, not ${sources.unit}`);
  return words;
}

/** One number stands for any number of equal ones: one a channel. */
function sameNumbers(a: readonly number[], b: readonly unknown[]): boolean {
  const length = Math.max(a.length, b.length);
  if ((a.length !== 1 && a.length !== length) || (b.length !== 1 && b.length !== length)) return false;
  return Array.from({ length }, (_, i) => i).every(
    (i) => (a.length === 1 ? a[0] : a[i]) === (b.length === 1 ? b[0] : b[i]),
  );
}

const short = (value: number) => String(Number(value.toPrecision(4)));
