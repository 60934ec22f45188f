import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Spec } from '../../engine/spec/schema';

/**
 * The spec of an ensemble, after one that evaluates models by themselves: the same data, threat models and pre-processing, with
 * paths that count from where it is to lie.
 *
 * @param models absolute paths
 * @param source the other spec, with paths relative to `from`
 * @param from folder of the other spec
 */
export function ensembleFrom(models: readonly string[], source: Spec, from: string): { path: string; spec: Spec } {
  const folder = from;
  const local = (path: string) => relative(folder, path).split(sep).join('/');
  // A gate, a baseline and a claim are about the model that they were written for.
  const {
    model: _model,
    models: _models,
    ensemble: _,
    gates: _gates,
    baseline: _baseline,
    claims: _claims,
    ...rest
  } = source;
  const spec: Spec = { ensemble: { members: models.map(local), combine: 'mean-probabilities' }, ...rest };
  return { path: join(folder, `${nameOf(models)}.robustness.yaml`), spec };
}

/** The files' names, or how many they are where that would be long: what the file of the spec is called. */
function nameOf(models: readonly string[]): string {
  const joined = models.map((path) => basename(path).replace(/\.[^.]+$/, '')).join('+');
  return joined.length <= 60 ? joined : `ensemble-of-${models.length}`;
}

/** A spec by its name, as the Explorer's menu has it. */
export function isSpecFile(path: string): boolean {
  return /(?:^|[\\/])robustness\.(?:ya?ml|json)$|\.robustness\.ya?ml$/i.test(path);
}

/** What a spec evaluates, in the words of the runs view: its model, its ensemble, or the spec itself where there are several. */
export function subjectOf(spec: Spec, specPath: string, ensemble: string | null): string {
  if (ensemble !== null) return ensemble;
  const models = spec.models ?? (spec.model === undefined ? [] : [spec.model]);
  return models.length === 1 ? resolve(dirname(specPath), models[0]!) : specPath;
}
