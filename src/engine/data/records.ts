import { type ByteSource, truncated } from './bytes';

/**
 * Streams the records `start` to `end` (exclusive) of equal length that follow each other from `offset` on. A record is
 * a view that is only valid until the next one is asked for.
 * @throws RobustnessError `data/truncated` when the bytes end before the records do.
 */
export async function* fixedRecords(
  source: ByteSource,
  offset: number,
  recordBytes: number,
  start: number,
  end: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const wanted = end - start;
  if (wanted <= 0) return;
  const partial = new Uint8Array(recordBytes);
  let held = 0;
  let given = 0;
  for await (const chunk of source.read(offset + start * recordBytes, wanted * recordBytes)) {
    signal?.throwIfAborted();
    let position = 0;
    if (held > 0) {
      position = Math.min(recordBytes - held, chunk.length);
      partial.set(chunk.subarray(0, position), held);
      held += position;
      if (held < recordBytes) continue;
      held = 0;
      given++;
      yield partial;
    }
    for (; position + recordBytes <= chunk.length; position += recordBytes) {
      given++;
      yield chunk.subarray(position, position + recordBytes);
    }
    held = chunk.length - position;
    partial.set(chunk.subarray(position), 0);
  }
  if (given < wanted) throw truncated(source.name);
}
