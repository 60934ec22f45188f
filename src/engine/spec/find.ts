import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { namedModels } from './read';

const isSpec = /^robustness\.(ya?ml|json)$|\.robustness\.ya?ml$/;

/**
 * The spec that a model is evaluated by: the nearest, in the model's folder or above it up to `root`, that names the
 * model; failing that, the nearest of all, which then applies with the model replaced (`resolveSpec` says so).
 * @returns absolute path, or null when there is no spec
 */
export async function findSpecFor(modelPath: string, root: string): Promise<string | null> {
  const model = resolve(modelPath);
  let nearest: string | null = null;
  for (const folder of ancestors(dirname(model), resolve(root))) {
    for (const path of await specsIn(folder)) {
      if ((await namedModels(path)).some((named) => resolve(folder, named) === model)) return path;
      nearest ??= path;
    }
  }
  return nearest;
}

/** From `folder` up to `root`; only `folder` when it is not inside of `root`. */
function ancestors(folder: string, root: string): readonly string[] {
  const way = relative(root, folder);
  if (way === '..' || way.startsWith(`..${sep}`)) return [folder];
  const folders = [folder];
  for (let at = folder; at !== root && dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}

async function specsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  // `robustness.yaml` before `other.robustness.yaml`, which is more likely another model's.
  const sorted = names
    .filter((name) => isSpec.test(name))
    .sort((a, b) => Number(b.startsWith('robustness.')) - Number(a.startsWith('robustness.')) || (a < b ? -1 : 1));
  const paths = sorted.map((name) => join(folder, name));
  const files = await Promise.all(paths.map(async (path) => (await stat(path)).isFile()));
  return paths.filter((_, i) => files[i]);
}
