import { createHash } from 'node:crypto';
import { refersToWeights } from '../onnx/weights';
import { createSession, type Session, type SessionOptions } from '../runtime';

interface Shared {
  readonly session: Promise<Session>;
  users: number;
}

/** Live sessions by the hash of their model and settings: oracles of the same model and plan share them. */
const live = new Map<string, Shared>();

/**
 * Sessions of one oracle, each made when it is asked for. Those on the weights of a large model can be limited: the one
 * that was used longest ago then goes, and comes back when it is used again.
 */
export class Sessions {
  private readonly held: HeldSession[] = [];

  /** @param most sessions on weights in a file that are kept at the same time. */
  constructor(
    private readonly settings: SessionOptions,
    private readonly most = Number.POSITIVE_INFINITY,
  ) {}

  /** @throws `model/not-loadable` */
  async make(model: () => Uint8Array): Promise<Session> {
    const held = new HeldSession(model, this.settings, () => this.makeRoom(held));
    this.held.push(held);
    await held.open();
    return held;
  }

  private async makeRoom(coming: HeldSession): Promise<void> {
    if (!coming.isHeavy) return;
    const others = this.held.filter((each) => each !== coming && each.isHeavy && each.isOpen);
    others.sort((a, b) => a.lastUse - b.lastUse);
    for (const idle of others.filter((each) => !each.isRunning).slice(0, Math.max(0, others.length + 1 - this.most))) {
      await idle.release();
    }
  }

  async release(): Promise<void> {
    for (const held of this.held) await held.release().catch(() => {});
  }
}

let clock = 0;

class HeldSession implements Session {
  inputs: readonly string[] = [];
  outputs: readonly string[] = [];
  outputTypes: ReadonlyMap<string, string> = new Map();
  lastUse = 0;
  private running = 0;
  private heavy = false;
  private current: Lease | undefined;

  constructor(
    private readonly model: () => Uint8Array,
    private readonly settings: SessionOptions,
    private readonly beforeOpening: () => Promise<void>,
  ) {}

  get isOpen(): boolean {
    return this.current !== undefined;
  }

  get isHeavy(): boolean {
    return this.heavy;
  }

  get isRunning(): boolean {
    return this.running > 0;
  }

  async open(): Promise<Session> {
    this.lastUse = ++clock;
    if (!this.current) {
      const model = this.model();
      this.heavy = refersToWeights(model);
      await this.beforeOpening();
      this.current ??= lease(model, this.settings);
    }
    const session = await this.current.session;
    ({ inputs: this.inputs, outputs: this.outputs, outputTypes: this.outputTypes } = session);
    return session;
  }

  async run(...given: Parameters<Session['run']>): ReturnType<Session['run']> {
    this.running++;
    try {
      const session = await this.open();
      return await session.run(...given);
    } finally {
      this.running--;
    }
  }

  async release(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.giveBack();
  }
}

interface Lease {
  readonly session: Promise<Session>;
  giveBack(): Promise<void>;
}

function lease(model: Uint8Array, settings: SessionOptions): Lease {
  const key = createHash('sha256').update(JSON.stringify(settings)).update(model).digest('hex');
  const shared = live.get(key) ?? { session: createSession(model, settings), users: 0 };
  shared.users++;
  live.set(key, shared);
  // What cannot be loaded is not kept: the next one asks again.
  shared.session.catch(() => {
    if (live.get(key) === shared) live.delete(key);
  });
  return {
    session: shared.session,
    async giveBack() {
      if (--shared.users > 0) return;
      if (live.get(key) === shared) live.delete(key);
      await (await shared.session).release();
    },
  };
}
