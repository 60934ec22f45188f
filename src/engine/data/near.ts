import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { DataSource } from '../spec/schema';
import { countClassFolders, formatOf } from './format';
import { idxFileIn } from './idx';

export interface DataCandidate {
  /** With an absolute path. */
  readonly source: DataSource;
  /** Higher is likelier. */
  readonly score: number;
}

const mostEntries = 1000;
const mostCandidates = 50;
const dataFolders = ['data', 'dataset', 'datasets', 'test', 'samples'];

/**
 * Looks for data beside a model: in its folder, the parent of that, and the folders there that are called `data` or the
 * like, with their sub-folders. Best first. Links that lead outside of the roots are not followed.
 * @param roots folders of the workspace; nothing outside of them is looked at
 */
export async function findDataNear(modelPath: string, roots: readonly string[]): Promise<readonly DataCandidate[]> {
  const inside = await confine(roots);
  const home = dirname(modelPath);
  const modelWords = words(basename(modelPath));
  const found = new Map<string, DataCandidate>();
  const seen = new Set<string>();

  const consider = async (path: string, nearness: number): Promise<boolean> => {
    if (found.size >= mostCandidates || !(await inside(path))) return false;
    const format = await formatOf(path).catch(() => null);
    if (format === 'folder' && !(await isImageSet(path))) return false;
    if (format === null || /\.npy$/i.test(path) || /labels?[-._]?(idx\d|\.csv$)/i.test(basename(path))) return false;
    const data = format === 'idx' ? ((await idxFileIn(path).catch(() => null)) ?? path) : path;
    if (!found.has(data))
      found.set(data, { source: { path: data, format }, score: nearness + quality(data, modelWords) });
    return true;
  };

  const search = async (folder: string, nearness: number, depth: number): Promise<void> => {
    if (seen.has(folder) || !(await inside(folder))) return;
    seen.add(folder);
    const entries = (await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])).slice(0, mostEntries);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isFile()) await consider(path, nearness);
      else if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') {
        // A folder that is a data set is one candidate; what is in it is not looked at.
        const isData = dataFolders.includes(entry.name.toLowerCase());
        if (depth > 0 || isData) {
          if (!(await consider(path, nearness - 1))) await search(path, nearness - 1, isData ? 1 : depth - 1);
        }
      }
    }
  };
  await search(home, 10, 0);
  await search(dirname(home), 7, 0);
  return [...found.values()].sort((a, b) => b.score - a.score || (a.source.path < b.source.path ? -1 : 1));
}

/** A folder of data sets may hold one folder of images: classes are several, and nothing else is beside them. */
async function isImageSet(path: string): Promise<boolean> {
  if ((await readdir(path).catch(() => ['labels.csv'])).includes('labels.csv')) return true;
  const { holding, others } = await countClassFolders(path);
  return holding >= 2 && others === 0;
}

function quality(path: string, modelWords: ReadonlySet<string>): number {
  const name = basename(path).toLowerCase();
  let score = 0;
  if (/test|t10k|eval/.test(name)) score += 3;
  else if (/val/.test(name)) score += 2;
  else if (/train/.test(name)) score -= 3;
  // A table near a model is as often results as data.
  if (/\.(csv|tsv)$/.test(name)) score -= 2;
  if (/result|report|log|metric|prediction|ground_truth|histogram/.test(name)) score -= 6;
  for (const word of words(path.split(sep).slice(-3).join(' '))) if (modelWords.has(word)) score += 4;
  return score;
}

/** Words long enough to mean something, such as `mnist`. */
function words(text: string): ReadonlySet<string> {
  const common = new Set(['model', 'models', 'data', 'test', 'train', 'onnx', 'images', 'best', 'final']);
  return new Set(
    (text.toLowerCase().match(/[a-z]+\d*/g) ?? []).filter((word) => word.length >= 4 && !common.has(word)),
  );
}

async function confine(roots: readonly string[]): Promise<(path: string) => Promise<boolean>> {
  const real = await Promise.all(roots.map((root) => realpath(root)));
  return async (path) => {
    const resolved = await realpath(path).catch(() => null);
    return (
      resolved !== null &&
      real.some((root) => {
        const way = relative(root, resolved);
        return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep));
      })
    );
  };
}
