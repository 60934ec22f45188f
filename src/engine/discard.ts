/** As of ES2024, which Node 20 lacks: the memory goes to a new buffer, of that many bytes. */
interface Transferable extends ArrayBuffer {
  transfer?(bytes: number): ArrayBuffer;
}

/**
 * Gives the memory of arrays back at once; they are empty then. V8 counts what lies outside its heap, and collects the whole of
 * that heap when it has grown by some ten MiB: an attack that leaves a few batches of points behind at every call waits for
 * that longer than for its small model. Does nothing in Node 20.
 *
 * @param arrays that nobody else reads; parts of a buffer, of which others may have the rest, are left as they are.
 */
export function discard(arrays: Iterable<Float32Array>): void {
  for (const { buffer, byteLength } of arrays) {
    const whole = byteLength === buffer.byteLength && byteLength > 0;
    if (whole && buffer instanceof ArrayBuffer) (buffer as Transferable).transfer?.(0);
  }
}
