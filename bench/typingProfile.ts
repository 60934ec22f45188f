import { type Profiler, Session } from 'node:inspector/promises';

/** What held the thread of the extensions. Times in milliseconds. */
export interface Held {
  /** Stretches without a rest that took more than 20 ms. */
  readonly stretches: number;
  /** Those of them in which code of this extension was on the stack. */
  readonly withOurs: number;
  /** Times that code of this extension, and what it called, kept the thread for more than 20 ms at once. */
  readonly ours: number;
  readonly longestOurs: number;
  /** Of code of this extension and what it called, all together. */
  readonly total: number;
  /** By the function of this extension that was entered, and the first outside of it that was called: most expensive first. */
  readonly entries: readonly (readonly [name: string, ms: number])[];
  /** Of everything else, by the function that was at work, likewise: the editor, other extensions, the collector of garbage. */
  readonly others: readonly (readonly [name: string, ms: number])[];
}

/** Microseconds between samples. */
const interval = 500;
const limit = 20_000;
/** A sample that comes later than this was late because another process had the processor: the thread was not at work. */
const longestGap = 4 * interval;

/** Takes samples of this thread until it is asked what held it. */
export class ThreadProfile {
  readonly #session = new Session();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval });
    await this.#session.post('Profiler.start');
  }

  /** @param isOurs whether a script is of the extension that is looked at */
  async stop(isOurs: (url: string) => boolean): Promise<Held> {
    const { profile } = await this.#session.post('Profiler.stop');
    this.#session.disconnect();
    return readProfile(profile, isOurs);
  }
}

export function readProfile(profile: Profiler.Profile, isOurs: (url: string) => boolean): Held {
  const entryOf = entries(profile, isOurs);
  const places = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`,
    ]),
  );
  const byOther = new Map<string, number>();
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  const byEntry = new Map<string, number>();
  let [stretches, withOurs, ours, longestOurs, total] = [0, 0, 0, 0, 0];
  let [stretch, touched, run] = [0, false, 0];
  const endRun = () => {
    if (run > limit) ours++;
    longestOurs = Math.max(longestOurs, run);
    run = 0;
  };
  const endStretch = () => {
    endRun();
    if (stretch > limit) stretches++;
    if (stretch > limit && touched) withOurs++;
    [stretch, touched] = [0, false];
  };
  const { samples = [], timeDeltas = [] } = profile;
  for (const [i, node] of samples.entries()) {
    // The time until the next sample is spent in what this one saw.
    const time = Math.min(longestGap, Math.max(0, timeDeltas[i + 1] ?? 0));
    const name = names.get(node);
    if (name === '(idle)' || name === '(root)') {
      endStretch();
      continue;
    }
    stretch += time;
    const entry = entryOf.get(node);
    if (entry === undefined) {
      const place = places.get(node) ?? '';
      byOther.set(place, (byOther.get(place) ?? 0) + time);
    }
    if (entry !== undefined) {
      touched = true;
      run += time;
      total += time;
      byEntry.set(entry, (byEntry.get(entry) ?? 0) + time);
    } else if (name === '(garbage collector)' && run > 0) {
      // Garbage is collected in the midst of what made it.
      run += time;
    } else endRun();
  }
  endStretch();
  const ms = (microseconds: number) => microseconds / 1000;
  return {
    stretches,
    withOurs,
    ours,
    longestOurs: ms(longestOurs),
    total: ms(total),
    entries: sorted(byEntry),
    others: sorted(byOther).slice(0, 40),
  };
}

/** By name, milliseconds of the microseconds, most first. */
function sorted(times: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...times].map(([name, time]) => [name, time / 1000] as const).sort((a, b) => b[1] - a[1]);
}

interface Step {
  readonly id: number;
  readonly entry: string | undefined;
  /** Whether the extension has called something outside of it. */
  readonly left: boolean;
}

/** For each node on whose stack the extension is, the outermost function of it, and the first that was called outside of it. */
function entries(profile: Profiler.Profile, isOurs: (url: string) => boolean): Map<number, string> {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const found = new Map<number, string>();
  const [root] = profile.nodes;
  const walk: Step[] = root ? [{ id: root.id, entry: undefined, left: false }] : [];
  for (let next = walk.pop(); next !== undefined; next = walk.pop()) {
    const node = byId.get(next.id);
    if (node === undefined) continue;
    const { functionName, url, lineNumber } = node.callFrame;
    const ours = isOurs(url);
    const name = functionName || '(anonymous)';
    let { entry, left } = next;
    if (entry === undefined && ours) entry = `${name}:${lineNumber + 1}`;
    else if (entry !== undefined && !ours && !left) {
      left = true;
      entry = `${entry} > ${name}`;
    }
    if (entry !== undefined) found.set(node.id, entry);
    for (const child of node.children ?? []) walk.push({ id: child, entry, left });
  }
  return found;
}
