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
  /** The thread never came up. */
  | { readonly type: 'unavailable' };

/** Indices of evidence that a thread holds at a time: one a folder of the workspace, and a few that were replaced. */
const heldIndices = 8;
/** Megabytes: a document that takes more ends its thread, not the editor. */
const memory = 512;
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

/** One thread that checks one document at a time. */
export class CheckThread {
  readonly #worker: Worker;
  readonly #timeLimit: number;
  /** Numbers of the indices that the thread holds, the one used last at the end. */
  readonly #held = new Set<number>();
  #ready = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  #settle: ((outcome: Outcome) => void) | null = null;
  /** Of the last document, whose parts the thread may remember. */
  lastPath: string | null = null;

  /** @param worker path of the bundled `claimWorker.cjs`; @param timeLimit of one document, milliseconds */
  constructor(worker: string, timeLimit: number) {
    this.#timeLimit = timeLimit;
    this.#worker = new Worker(worker, {
      // Flags of the parent, such as a test runner's loaders, are not for the thread.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memory },
    });
    this.#worker.on('message', (reply: CheckReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#end({ type: 'crashed', message: error.message }));
    this.#worker.on('exit', (code) => this.#end({ type: 'crashed', message: `exit code ${code}` }));
    // An idle thread keeps no process alive.
    this.#worker.unref();
  }

  get busy(): boolean {
    return this.#settle !== null;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Never rejects. One call at a time. */
  run(task: CheckTask, evidence: EvidenceIndex): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.lastPath = task.path;
      this.#worker.ref();
      const number = this.#give(evidence);
      this.#post({ type: 'check', evidence: number, task });
      this.#watch();
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
      ? [this.#timeLimit, { type: 'hung' }]
      : [startLimit, { type: 'unavailable' }];
    this.#timer = setTimeout(() => this.#end(outcome), limit);
  }

  #receive(reply: CheckReply): void {
    if (reply.type === 'ready') {
      this.#ready = true;
      if (this.busy) this.#watch();
      return;
    }
    this.#finish(reply);
  }

  #finish(outcome: Outcome): void {
    clearTimeout(this.#timer);
    if (!this.#ended) this.#worker.unref();
    const settle = this.#settle;
    this.#settle = null;
    settle?.(outcome);
  }

  #end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#worker.terminate();
    this.#finish(this.#ready ? outcome : { type: 'unavailable' });
  }
}
