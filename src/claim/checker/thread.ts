import { Worker } from 'node:worker_threads';
import type { EvidenceIndex } from '../evidence';
import type { Claim } from '../types';
import type { CheckReply, CheckRequest, CheckTask } from './protocol';

/** How a check in a thread ended. */
export type Outcome =
  | { readonly type: 'claims'; readonly claims: Claim[] | null }
  | { readonly type: 'failed'; readonly message: string }
  /** The thread is gone: it ran out of memory, or died. */
  | { readonly type: 'crashed'; readonly message: string }
  /** The thread was ended because the check took too long. */
  | { readonly type: 'hung' }
  /** The thread ended before it came to this document. */
  | { readonly type: 'dropped' }
  /** The thread never came up. */
  | { readonly type: 'unavailable' };

/** Indices of evidence that a thread holds at a time: one a folder of the workspace, and a few that were replaced. */
const heldIndices = 8;
/** Milliseconds for a thread to load its code. */
const startLimit = 30_000;

let nextIndex = 0;
const numbers = new WeakMap<EvidenceIndex, number>();
function numberOf(index: EvidenceIndex): number {
  let number = numbers.get(index);
  if (number === undefined) {
    number = nextIndex++;
    numbers.set(index, number);
  }
  return number;
}

export interface ThreadLimits {
  /** Of one document, milliseconds. */
  readonly time: number;
  /** Of the heap, megabytes: a document that takes more ends its thread, not the process. */
  readonly memory: number;
}

/** One thread that checks one document at a time; others may wait in it, so that it need not wait for them. */
export class CheckThread {
  readonly #worker: Worker;
  readonly #limits: ThreadLimits;
  /** Numbers of the indices that the thread holds, the one used last at the end. */
  readonly #held = new Set<number>();
  #ready = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of the documents that the thread has, in their order; it works on the first. */
  readonly #settle: ((outcome: Outcome) => void)[] = [];
  /** Of the last document, whose parts the thread may remember. */
  lastPath: string | null = null;

  /** @param worker path of the bundled `claimWorker.cjs` */
  constructor(worker: string, limits: ThreadLimits) {
    this.#limits = limits;
    this.#worker = new Worker(worker, {
      // Flags of the parent, such as a test runner's loaders, are not for the thread.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: limits.memory },
    });
    this.#worker.on('message', (reply: CheckReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#end({ type: 'crashed', message: error.message }));
    this.#worker.on('exit', (code) => this.#end({ type: 'crashed', message: `exit code ${code}` }));
    // An idle thread keeps no process alive.
    this.#worker.unref();
  }

  /** Documents that the thread has and has not answered. */
  get load(): number {
    return this.#settle.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Never rejects. */
  run(task: CheckTask, evidence: EvidenceIndex): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#settle.push(resolve);
      this.lastPath = task.path;
      this.#worker.ref();
      const number = this.#give(evidence);
      this.#post({ type: 'check', evidence: number, task });
      if (this.load === 1) this.#watch();
    });
  }

  stop(): void {
    this.#end({ type: 'crashed', message: 'it was stopped' });
  }

  #give(index: EvidenceIndex): number {
    const number = numberOf(index);
    if (!this.#held.delete(number)) this.#post({ type: 'evidence', evidence: number, index });
    this.#held.add(number);
    for (const old of this.#held) {
      if (this.#held.size <= heldIndices) break;
      this.#held.delete(old);
      this.#post({ type: 'forget', evidence: old });
    }
    return number;
  }

  #post(request: CheckRequest): void {
    this.#worker.postMessage(request);
  }

  /** The time that the code takes to load is not the document's. */
  #watch(): void {
    clearTimeout(this.#timer);
    const [limit, outcome]: [number, Outcome] = this.#ready
      ? [this.#limits.time, { type: 'hung' }]
      : [startLimit, { type: 'unavailable' }];
    this.#timer = setTimeout(() => this.#end(outcome), limit);
  }

  #receive(reply: CheckReply): void {
    if (reply.type === 'ready') {
      this.#ready = true;
      if (this.load > 0) this.#watch();
      return;
    }
    clearTimeout(this.#timer);
    const settle = this.#settle.shift();
    if (this.load > 0) this.#watch();
    else this.#worker.unref();
    settle?.(reply);
  }

  #end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#worker.terminate();
    clearTimeout(this.#timer);
    const [first, ...others] = this.#settle.splice(0);
    // Those behind go first into the line again, the last of them before the others, so that their order stays.
    for (const settle of others.reverse()) settle({ type: 'dropped' });
    first?.(this.#ready ? outcome : { type: 'unavailable' });
  }
}
