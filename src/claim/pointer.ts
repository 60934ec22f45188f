/** [start, end) in UTF-16 units. */
export type JsonSpan = readonly [start: number, end: number];

const blank = /[ \t\r\n]*/y;
const text = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
/** Numbers, `true`, `false` and `null`: whatever runs up to the next mark. */
const bare = /[^\s,:[\]{}"]+/y;
/** The next thing that opens, closes, or hides such marks. */
const mark = /["[\]{}]/g;

/** Reads JSON from left to right as far as it has to, and no value that it is not asked for. */
class Walk {
  readonly #json: string;
  at = 0;

  constructor(json: string) {
    this.#json = json;
  }

  /** Moves behind white space and, if it comes next, `sign`. */
  take(sign: string): boolean {
    this.#match(blank);
    if (this.#json[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  /** Moves behind a string; null if none comes next. */
  string(): string | null {
    this.#match(blank);
    const from = this.at;
    if (!this.#match(text)) return null;
    try {
      return JSON.parse(this.#json.slice(from, this.at)) as string;
    } catch {
      return null;
    }
  }

  /** Moves behind one value of any kind; null if none comes next, or it does not end. */
  value(): JsonSpan | null {
    this.#match(blank);
    const start = this.at;
    const first = this.#json[start];
    if (first === '{' || first === '[') return this.#close() ? [start, this.at] : null;
    return this.#match(first === '"' ? text : bare) ? [start, this.at] : null;
  }

  #close(): boolean {
    let depth = 0;
    do {
      mark.lastIndex = this.at;
      const found = mark.exec(this.#json);
      if (found === null) return false;
      this.at = found.index;
      if (found[0] === '"') {
        if (!this.#match(text)) return false;
        continue;
      }
      depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
      this.at++;
    } while (depth > 0);
    return true;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.test(this.#json);
    if (found) this.at = pattern.lastIndex;
    return found;
  }
}

/** Moves before the value under `key`, or the `key`-th element. */
function enter(walk: Walk, key: string): boolean {
  if (walk.take('{')) {
    do {
      const name = walk.string();
      if (name === null || !walk.take(':')) return false;
      if (name === key) return true;
    } while (walk.value() !== null && walk.take(','));
    return false;
  }
  if (!walk.take('[') || !/^(?:0|[1-9]\d*)$/.test(key)) return false;
  for (let left = Number(key); left > 0; left--) if (walk.value() === null || !walk.take(',')) return false;
  return true;
}

/**
 * Where in the text of a JSON file a value stands. Reads no further than that value, which in a report is near the
 * front: what a run has by the thousand comes last.
 *
 * @param pointer JSON pointer (RFC 6901), as `/threatModels/0/robustAccuracy`; empty for the whole
 * @returns null when it leads nowhere, or the text before it is no JSON. Where a name comes twice, the first counts.
 */
export function locateInJson(json: string, pointer: string): JsonSpan | null {
  const walk = new Walk(json);
  if (json.startsWith('\ufeff')) walk.at = 1;
  for (const part of pointer.split('/').slice(1)) {
    if (!enter(walk, part.replaceAll('~1', '/').replaceAll('~0', '~'))) return null;
  }
  return walk.value();
}
