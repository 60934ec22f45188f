import { Worker } from 'node:worker_threads';
import type { EvidenceIndex } from '../evidence';
import type { Claim } from '../types';
import { withChange } from './claimsDelta';
import type { EditedText } from './editedText';
import type { CheckReply, CheckRequest, CheckSettings } from './protocol';

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

/** What a thread is to check. */
export interface ThreadTask extends CheckSettings {
  readonly text: string | EditedText;
}

/** An edited document that a thread has, as of its last message. */
interface KeptDocument {
  revision: number;
  /** Null until the thread has said anything of it. */
  claims: Claim[] | null;
}

interface Waiting {
  readonly task: ThreadTask;
  readonly evidence: EvidenceIndex;
  settle(outcome: Outcome): void;
}

/** Edited documents whose texts a thread keeps at a time. */
const keptDocuments = 16;
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
  /** Documents that the thread has to check, in their order; it works on the first. */
  readonly #waiting: Waiting[] = [];
  /** Edited documents whose texts the thread has, by their id, the one used last at the end. */
  readonly #kept = new Map<number, KeptDocument>();
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
    // Ended by its exit alone: an error may come in before what the thread had said, that it was ready among it.
    let failure: string | null = null;
    this.#worker.on('error', (error) => {
      failure = error.message;
    });
    this.#worker.on('exit', (code) => this.#end({ type: 'crashed', message: failure ?? `exit code ${code}` }));
    // An idle thread keeps no process alive.
    this.#worker.unref();
  }

  /** Documents that the thread has and has not answered. */
  get load(): number {
    return this.#waiting.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Never rejects. */
  run(task: ThreadTask, evidence: EvidenceIndex): Promise<Outcome> {
    return new Promise((settle) => {
      this.lastPath = task.path;
      this.#worker.ref();
      this.#ask({ task, evidence, settle });
      if (this.load === 1) this.#watch();
    });
  }

  /** Whether the thread has the text, so that its changes are enough. */
  keeps(text: EditedText): boolean {
    return this.#kept.has(text.id);
  }

  /** An edited document was closed. */
  close(text: EditedText): void {
    if (this.#kept.delete(text.id)) this.#post({ type: 'close', document: text.id });
  }

  stop(): void {
    this.#end({ type: 'crashed', message: 'it was stopped' });
  }

  #ask(asked: Waiting): void {
    this.#waiting.push(asked);
    const { text, ...task } = asked.task;
    const evidence = this.#give(asked.evidence);
    if (typeof text === 'string') {
      this.#post({ type: 'check', evidence, task: { ...task, text } });
      return;
    }
    const { id: document, lines, revision } = text;
    const known = this.#kept.get(document);
    const changes = known === undefined ? null : text.since(known.revision);
    // The one used last stands at the end.
    this.#kept.delete(document);
    if (known !== undefined && changes !== null) {
      known.revision = revision;
      this.#kept.set(document, known);
      this.#post({ type: 'check-kept', evidence, text: { document, lines, changes }, task });
      return;
    }
    this.#kept.set(document, { revision, claims: null });
    this.#post({ type: 'check-kept', evidence, text: { document, lines, text: text.read() }, task });
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= keptDocuments) break;
      this.#kept.delete(old);
      this.#post({ type: 'close', document: old });
    }
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
    const asked = this.#waiting.shift();
    if (asked !== undefined && reply.type === 'lost') this.#askAgain(asked);
    if (this.load > 0) this.#watch();
    else this.#worker.unref();
    if (asked !== undefined && reply.type !== 'lost') asked.settle(this.#outcomeOf(asked.task, reply));
  }

  /** With the whole text. */
  #askAgain(asked: Waiting): void {
    if (typeof asked.task.text !== 'string') this.#kept.delete(asked.task.text.id);
    this.#ask(asked);
  }

  #outcomeOf({ text }: ThreadTask, reply: Exclude<CheckReply, { type: 'ready' | 'lost' }>): Outcome {
    const known = typeof text === 'string' ? undefined : this.#kept.get(text.id);
    switch (reply.type) {
      case 'failed':
        return reply;
      case 'claims':
        if (known !== undefined) known.claims = reply.claims;
        return reply;
      case 'change': {
        // Of a document that was closed meanwhile nobody wants to know.
        if (known?.claims == null) return { type: 'dropped' };
        known.claims = withChange(known.claims, reply.change);
        return { type: 'claims', claims: known.claims };
      }
    }
  }

  #end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#worker.terminate();
    clearTimeout(this.#timer);
    this.#kept.clear();
    const [first, ...others] = this.#waiting.splice(0);
    // Those behind go first into the line again, the last of them before the others, so that their order stays.
    for (const { settle } of others.reverse()) settle({ type: 'dropped' });
    first?.settle(this.#ready ? outcome : { type: 'unavailable' });
  }
}
