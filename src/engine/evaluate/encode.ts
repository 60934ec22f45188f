/**
 * JSON in which typed arrays survive bit for bit: `{"$f32": "<base64>"}`. What a run journals must come back exactly,
 * or a resumed report would differ from an undisturbed one.
 */
const kinds = {
  $f32: Float32Array,
  $f64: Float64Array,
  $i32: Int32Array,
  $u8: Uint8Array,
} as const;
type Tag = keyof typeof kinds;
const tags = Object.keys(kinds) as Tag[];

/** One line of JSON without a line break. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    for (const tag of tags) {
      if (item instanceof kinds[tag]) {
        return { [tag]: Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('base64') };
      }
    }
    return item;
  });
}

/** The inverse of `encode`; throws SyntaxError on text that is not JSON, RangeError on a torn array. */
export function decode(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (item === null || typeof item !== 'object') return item;
    for (const tag of tags) {
      const base64 = (item as Record<string, unknown>)[tag];
      if (typeof base64 !== 'string') continue;
      // A copy: a view needs an offset that is a multiple of the element's size, which a pooled buffer does not promise.
      const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
      return new kinds[tag](bytes.buffer);
    }
    return item;
  });
}
