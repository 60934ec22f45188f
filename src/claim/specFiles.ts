import { stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { readSpec } from '../engine/spec/read';
import type { Spec } from '../engine/spec/schema';
import type { ClaimPolicy } from './evidence';

/** Specs by path, read again when their file has changed. */
export class SpecFiles {
  readonly #known = new Map<string, { readonly key: string; readonly spec: Spec | null }>();

  /** Null when there is none, or it is broken: the editor and `evaluate` are the places that say what is wrong with a spec. */
  async read(path: string): Promise<Spec | null> {
    const info = await stat(path).catch(() => null);
    if (!info?.isFile()) return null;
    const key = `${info.size}:${info.mtimeMs}:${info.ctimeMs}:${info.ino}`;
    const known = this.#known.get(path);
    if (known?.key === key) return known.spec;
    const spec = await readSpec(path).catch(() => null);
    this.#known.set(path, { key, spec });
    return spec;
  }
}

/** What a spec says of claims; null when it says nothing. */
export function policyOf({ claims }: Spec, path: string, root: string): ClaimPolicy | null {
  if (claims === undefined) return null;
  const folder = relative(root, dirname(path)).split(sep).join('/');
  return {
    folder: folder === '' ? '' : `${folder}/`,
    include: claims.include ?? [],
    exclude: claims.exclude ?? [],
    rules: claims.rules ?? {},
    about: claims.about ?? [],
  };
}
