/** A run of a document's items that is shown in one go. */
export interface Chunk<T> {
  readonly items: readonly T[];
  /** Which collection shows it; of one document, no two chunks share one. */
  readonly slot: number;
}

/** What is to be shown, and in which slots it is not shown yet. */
export interface Rechunked<T> {
  readonly chunks: readonly Chunk<T>[];
  /** Chunks of these that are new, in the order of the document; slots of which nothing is left have no chunk. */
  readonly stale: readonly number[];
}

/**
 * The chunks of a list that was cut before: those of which every item is the same object stay, and what is between is
 * cut anew. An edit changes a few items of a thousand, and only their chunk is shown again.
 *
 * @param size of a new chunk; one that grows is cut beyond twice of it
 */
export function rechunk<T>(before: readonly Chunk<T>[], items: readonly T[], size: number): Rechunked<T> {
  let first = 0;
  let from = 0;
  while (first < before.length && isAt(before[first]!, items, from)) from += before[first++]!.items.length;
  let last = before.length;
  let to = items.length;
  while (last > first) {
    const chunk = before[last - 1]!;
    const start = to - chunk.items.length;
    if (start < from || !isAt(chunk, items, start)) break;
    to = start;
    last--;
  }
  const free = before.slice(first, last).map(({ slot }) => slot);
  const used = new Set(before.map(({ slot }) => slot));
  let next = 0;
  const takeSlot = (): number => {
    const freed = free.shift();
    if (freed !== undefined) return freed;
    while (used.has(next)) next++;
    used.add(next);
    return next;
  };
  const anew: Chunk<T>[] = [];
  const pieces = to - from <= 2 * size ? Math.min(1, to - from) : Math.ceil((to - from) / size);
  for (let i = 0; i < pieces; i++) {
    const [start, end] = [i, i + 1].map((at) => from + Math.round((at * (to - from)) / pieces)) as [number, number];
    anew.push({ items: items.slice(start, end), slot: takeSlot() });
  }
  return {
    chunks: [...before.slice(0, first), ...anew, ...before.slice(last)],
    stale: [...anew.map(({ slot }) => slot), ...free],
  };
}

function isAt<T>({ items }: Chunk<T>, all: readonly T[], from: number): boolean {
  if (from + items.length > all.length) return false;
  for (let i = 0; i < items.length; i++) if (items[i] !== all[from + i]) return false;
  return true;
}
