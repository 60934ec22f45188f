import { createHash } from 'node:crypto';
import { createSession, type Session, type SessionOptions } from '../runtime';

interface Shared {
  readonly session: Promise<Session>;
  users: number;
}

/** Live sessions by the hash of their model and settings: oracles of the same model and plan share them. */
const live = new Map<string, Shared>();

/** Sessions of one oracle, shared with other oracles that ask for the same, until the last of them lets go. */
export class Sessions {
  private readonly held: { readonly key: string; readonly shared: Shared }[] = [];

  constructor(private readonly settings: SessionOptions) {}

  /** @throws `model/not-loadable` */
  make(model: Uint8Array): Promise<Session> {
    const key = createHash('sha256').update(JSON.stringify(this.settings)).update(model).digest('hex');
    const shared = live.get(key) ?? { session: createSession(model, this.settings), users: 0 };
    shared.users++;
    live.set(key, shared);
    this.held.push({ key, shared });
    // What cannot be loaded is not kept: the next one asks again.
    shared.session.catch(() => forget(key, shared));
    return shared.session;
  }

  async release(): Promise<void> {
    for (const { key, shared } of this.held.splice(0)) {
      if (--shared.users > 0) continue;
      forget(key, shared);
      await (await shared.session.catch(() => null))?.release();
    }
  }
}

function forget(key: string, shared: Shared): void {
  if (live.get(key) === shared) live.delete(key);
}
