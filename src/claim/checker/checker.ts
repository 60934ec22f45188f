import { RobustnessError } from '../../engine/error';
import { type EvidenceIndex, emptyEvidence } from '../evidence';
import type { RuleSettings } from '../severity';
import type { Claim } from '../types';
import type { EditedText } from './editedText';
import { CheckThread, type ThreadTask } from './thread';

export interface CheckerOptions {
  /** Path of the bundled `claimWorker.cjs`; null: documents are checked in the thread that asks. */
  readonly worker: string | null;
  /** At most so many threads; they are started when they are needed. */
  readonly threads: number;
  /** Milliseconds that one document may take, 10,000 if absent. Without threads nothing can be interrupted. */
  readonly timeLimit?: number;
  /** Megabytes of heap that one thread may take, 512 if absent. */
  readonly memoryLimit?: number;
  /** Documents that wait in a thread besides the one that it checks, 0 if absent: more are done in the same time, none goes before. */
  readonly ahead?: number;
}

export interface CheckOptions {
  /** Severities that go before those of the specs. */
  readonly settings?: RuleSettings;
  /** Of the editor, where a document is open. */
  readonly language?: string;
  /** Leaves out what the linter does not read unasked; see `isInScope`. */
  readonly scoped?: boolean;
  /** The document will be checked again soon, after an edit: what did not change is not looked at again. */
  readonly remember?: boolean;
  /** Goes before documents that wait and are not urgent. */
  readonly urgent?: boolean;
  /** Gives up: a check that waits is never made, the result of one that runs is dropped. */
  readonly signal?: AbortSignal;
}

interface Job {
  readonly task: ThreadTask;
  readonly evidence: EvidenceIndex;
  readonly signal: AbortSignal | undefined;
  readonly urgent: boolean;
  resolve(claims: Claim[] | null): void;
  reject(error: unknown): void;
}

/**
 * Checks documents in threads of their own: what a document does to the parser, it cannot do to the editor. A thread that dies or
 * hangs is replaced; the document that it had is named in the error, and no other is lost.
 */
export class ClaimChecker {
  readonly #options: CheckerOptions;
  readonly #threads: CheckThread[] = [];
  readonly #waiting: Job[] = [];
  #threaded: boolean;
  #disposed = false;

  constructor(options: CheckerOptions) {
    this.#options = options;
    this.#threaded = options.worker !== null && options.threads > 0;
  }

  /** Whether documents are checked in threads, as far as is known: one that does not come up ends it. */
  get threaded(): boolean {
    return this.#threaded;
  }

  /**
   * The claims of a document, as `checkDocument` finds them; null if it is out of scope.
   *
   * @param text one that is edited stays in its thread, and claims of it that did not change are the same objects as before
   * @param path of the document, relative to the same root as the evidence, with forward slashes
   * @throws RobustnessError `claim/time-limit`, `claim/crashed`, `claim/failed`, `claim/stopped`; the signal's reason if that gave up
   */
  check(
    text: string | EditedText,
    path: string,
    evidence: EvidenceIndex = emptyEvidence,
    options: CheckOptions = {},
  ): Promise<Claim[] | null> {
    const { settings = {}, language = null, scoped = false, remember = false, signal, urgent = false } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#disposed) return reject(stopped(path));
      const task = { text, path, settings, language, scoped, remember };
      const job: Job = { task, evidence, signal, urgent, resolve, reject };
      signal?.addEventListener('abort', () => this.#giveUp(job), { once: true });
      const behind = urgent ? this.#waiting.findIndex((other) => !other.urgent) : -1;
      if (behind < 0) this.#waiting.push(job);
      else this.#waiting.splice(behind, 0, job);
      this.#next();
    });
  }

  /** An edited document was closed: no thread keeps its text any longer. */
  close(text: EditedText): void {
    for (const thread of this.#threads) thread.close(text);
  }

  /** Ends the threads; checks that wait or run are rejected. */
  dispose(): void {
    this.#disposed = true;
    for (const job of this.#waiting.splice(0)) job.reject(stopped(job.task.path));
    for (const thread of this.#threads.splice(0)) thread.stop();
  }

  #giveUp(job: Job): void {
    const at = this.#waiting.indexOf(job);
    if (at >= 0) this.#waiting.splice(at, 1);
    job.reject(job.signal?.reason);
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      if (!this.#threaded) {
        void this.#here(this.#waiting.shift()!);
        continue;
      }
      const thread = this.#threadFor(this.#waiting[0]!.task);
      if (thread === null && !this.#threaded) continue;
      if (thread === null) return;
      void this.#run(this.#waiting.shift()!, thread);
    }
  }

  /** The thread that had this document before, which remembers its parts; else one that waits; else a new one; else one with room. */
  #threadFor({ text, path }: ThreadTask): CheckThread | null {
    for (let i = this.#threads.length - 1; i >= 0; i--) if (this.#threads[i]!.ended) this.#threads.splice(i, 1);
    const idle = this.#threads.filter((thread) => thread.load === 0);
    const known = idle.find((thread) => (typeof text === 'string' ? thread.lastPath === path : thread.keeps(text)));
    if (known ?? idle[0]) return known ?? idle[0]!;
    if (this.#threads.length >= this.#options.threads) {
      const [least] = [...this.#threads].sort((a, b) => a.load - b.load);
      return least !== undefined && least.load <= (this.#options.ahead ?? 0) ? least : null;
    }
    try {
      const thread = new CheckThread(this.#options.worker!, {
        time: this.#options.timeLimit ?? 10_000,
        memory: this.#options.memoryLimit ?? 512,
      });
      this.#threads.push(thread);
      return thread;
    } catch {
      // No threads in this runtime: the loop above goes on without.
      this.#threaded = false;
      return null;
    }
  }

  async #run(job: Job, thread: CheckThread): Promise<void> {
    const outcome = await thread.run(job.task, job.evidence);
    if (this.#disposed) return job.reject(stopped(job.task.path));
    switch (outcome.type) {
      case 'claims':
        job.resolve(outcome.claims);
        break;
      case 'unavailable':
        this.#threaded = false;
        void this.#here(job);
        break;
      case 'dropped':
        this.#waiting.unshift(job);
        break;
      default:
        job.reject(errorOf(outcome, job.task.path, this.#options.timeLimit ?? 10_000));
    }
    this.#next();
  }

  async #here(job: Job): Promise<void> {
    try {
      // Heavy (parsers): loaded only where there are no threads.
      const { perform } = await import('./perform');
      const { text, ...settings } = job.task;
      const task = { ...settings, text: typeof text === 'string' ? text : text.read() };
      job.resolve(perform(task, job.evidence));
    } catch (error) {
      job.reject(errorOf({ type: 'failed', message: String(error) }, job.task.path, 0));
    }
  }
}

const stopped = (path: string) =>
  new RobustnessError('claim/stopped', `${path} was not checked: the checker was stopped.`, 'Check it again.');

function errorOf(
  outcome: { readonly type: 'hung' } | { readonly type: 'failed' | 'crashed'; readonly message: string },
  path: string,
  timeLimit: number,
): RobustnessError {
  const tell = 'Please report it with the document; the other documents are checked without it.';
  switch (outcome.type) {
    case 'hung':
      return new RobustnessError(
        'claim/time-limit',
        `${path} could not be checked within ${timeLimit / 1000} s.`,
        tell,
      );
    case 'crashed':
      return new RobustnessError('claim/crashed', `The check of ${path} died: ${outcome.message}.`, tell);
    case 'failed':
      return new RobustnessError('claim/failed', `${path} could not be checked: ${outcome.message}.`, tell);
  }
}
