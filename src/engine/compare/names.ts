/**
 * Names by which models can be told apart: the file's, with as many folders as it takes, and a number where paths are the same.
 *
 * @returns one for each of `paths`, in their order
 */
export function distinctNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(/[\\/]/).filter((part) => part !== '' && part !== '.'));
  const last = (i: number, depth: number) => parts[i]!.slice(-depth).join('/') || paths[i]!;
  const names = parts.map((own, i) => {
    const others = parts.map((_, j) => j).filter((j) => j !== i && parts[j]!.join('/') !== own.join('/'));
    let depth = 1;
    while (depth < own.length && others.some((j) => last(j, depth) === last(i, depth))) depth++;
    return last(i, depth);
  });
  const seen = new Map<string, number>();
  return names.map((name) => {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return nth === 1 ? name : `${name} (${nth})`;
  });
}
