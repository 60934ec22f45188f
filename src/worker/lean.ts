/**
 * Flags and environment of the process that evaluates, for little memory:
 *
 * - Young objects in half-spaces of at most 8 MiB (V8's default is 16): a long run makes the same small arrays for every batch, and memory of typed
 *   arrays that are done with is given back by collections of the young, which come twice as often.
 * - glibc (other systems ignore the names): blocks of a mebibyte and more always come straight from the system and return there. By
 *   default that size rises with the first block freed, and larger ones then leave holes in the heap. Two arenas rather than
 *   eight a core: ONNX Runtime's threads keep their own pool, and hardly allocate beside it.
 * - The collector may be called, for `collectArrays`.
 */
export const lean = {
  execArgv: ['--max-semi-space-size=8', '--expose-gc'],
  env: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: String(2 ** 20) },
} as const;

/** Bytes of typed arrays above which the collector is called. */
const mostGarbage = 24 * 2 ** 20;
/** Milliseconds from one look to the next: five looks a second cost an evaluation of images a quarter of its time. */
const pause = 2000;

/**
 * Collects typed arrays that are done with once there may be 24 MiB of them: V8 lets about 64 MiB pile up beside its heap before it looks for
 * them. Does nothing in a process that was not started as `lean` says. Keeps no process alive.
 */
export function collectArrays(): void {
  const collect = globalThis.gc;
  if (collect === undefined) return;
  const size = () => process.memoryUsage().arrayBuffers;
  let needed = size();
  setInterval(() => {
    // V8 has collected by itself.
    needed = Math.min(needed, size());
    if (size() - needed < mostGarbage) return;
    // Most are young, and a collection of the young is cheap.
    collect({ type: 'minor' });
    if (size() - needed < mostGarbage) return;
    collect();
    needed = size();
  }, pause).unref();
}
