import { basename, dirname, resolve } from 'node:path';
import type { EnsembleTarget } from '../spec/ensemble';
import { ensemblePath, ensembleSuffix, resolveEnsemble } from '../spec/resolveEnsemble';
import type { Spec } from '../spec/schema';
import type { EvaluationRequest, Target } from './target';

/** With absolute paths: a run is resumed from wherever. */
export function absoluteEnsemble(ensemble: NonNullable<EvaluationRequest['ensemble']>): typeof ensemble {
  const members = ensemble.members.map((member) =>
    typeof member === 'string' ? resolve(member) : { ...member, path: resolve(member.path) },
  );
  return { ...ensemble, members };
}

/** Several files given in place of a model, with data; null where the request names none. */
export function givenEnsemble({ ensemble, dataPath }: EvaluationRequest): Target[] | null {
  if (ensemble === undefined || dataPath === undefined) return null;
  const found = resolveEnsemble(ensemble, process.cwd(), 'The command');
  const base = dirname(found.members[0]!.path);
  const spec: Spec = { data: { test: { path: resolve(dataPath) } } };
  return [{ modelPath: ensemblePath(base, found), specPath: null, spec, base, inferred: [], ensemble: found }];
}

/**
 * The target of a spec that names an ensemble: all of it, or, where one of its members is asked for, that by itself with what
 * its input wants. Null where another model is asked for, or the spec names none.
 */
export function ensembleTarget(spec: Spec, specPath: string, modelPath: string | undefined): Target | null {
  if (spec.ensemble === undefined) return null;
  const base = dirname(specPath);
  const ensemble = resolveEnsemble(spec.ensemble, base, basename(specPath));
  const path = ensemblePath(base, ensemble);
  if (modelPath === undefined || modelPath === path || isEnsemblePath(modelPath)) {
    return { modelPath: path, specPath, spec, base, inferred: [], ensemble };
  }
  const member = ensemble.members.find((each) => each.path === resolve(modelPath));
  if (!member) return null;
  return {
    modelPath: member.path,
    specPath,
    spec: memberSpec(spec, member),
    base,
    inferred: [`${basename(member.path)} is evaluated by itself, not with the ensemble of the spec`],
  };
}

/** A spec as it is for one member by itself. */
export function memberSpec(spec: Spec, { preprocess, output }: EnsembleTarget['members'][number]): Spec {
  const { ensemble: _, ...rest } = spec;
  return {
    ...rest,
    ...(preprocess === undefined ? {} : { preprocess: { ...spec.preprocess, ...stated(preprocess) } }),
    ...(output === undefined ? {} : { output }),
  };
}

/** What stands for an ensemble where a model file is asked for: no such file exists. */
export function isEnsemblePath(path: string): boolean {
  return path.endsWith(ensembleSuffix);
}

function stated<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T;
}
