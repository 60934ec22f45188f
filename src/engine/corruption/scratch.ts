/**
 * A buffer that a function fills anew on every call, kept from call to call: an evaluation corrupts images by the hundred thousand, mostly of one
 * size. It holds what the last call left, and is never handed out.
 */
export function scratch<T>(make: (length: number) => T & { readonly length: number }): (length: number) => T {
  let held = make(0);
  return (length) => {
    if (held.length !== length) held = make(length);
    return held;
  };
}

export const floats = () => scratch((length) => new Float64Array(length));
export const integers = () => scratch((length) => new Int32Array(length));

/** The results of `make` by its numbers, which are few: one set a severity and a size of images. */
export function remembered<Key extends readonly number[], T>(make: (...key: Key) => T): (...key: Key) => T {
  const known = new Map<string, T>();
  return (...key) => {
    const name = key.join();
    let found = known.get(name);
    if (found === undefined) {
      // Sizes may differ from image to image: what is kept is bounded.
      if (known.size >= mostRemembered) known.clear();
      found = make(...key);
      known.set(name, found);
    }
    return found;
  };
}

const mostRemembered = 64;
