import { RobustnessError } from '../error';
import {
  createSession,
  type ExecutionProvider,
  knownProviders,
  type Session,
  type SessionOptions,
  type Value,
} from '../runtime';

/** Where a model runs, and why not where it was asked to. */
export interface ProviderChoice {
  readonly requested: ExecutionProvider;
  readonly used: ExecutionProvider;
  /** A clause; null where the provider that was asked for is used. */
  readonly reason: string | null;
}

/**
 * Makes a session on the provider that is asked for, or on the processor where that one is not there, refuses the model, or
 * fails to run it once.
 *
 * @param trial inputs of one example.
 * @throws `model/not-loadable` where the processor refuses the model too.
 */
export async function openWithProvider(
  model: Uint8Array,
  trial: Readonly<Record<string, Value>>,
  settings: SessionOptions,
  requested: ExecutionProvider,
): Promise<{ readonly session: Session; readonly provider: ProviderChoice }> {
  if (requested === 'cpu') {
    return { session: await createSession(model, settings), provider: { requested, used: 'cpu', reason: null } };
  }
  const reason = await tryProvider(model, trial, settings, requested);
  if (typeof reason !== 'string') {
    return { session: reason, provider: { requested, used: requested, reason: null } };
  }
  return { session: await createSession(model, settings), provider: { requested, used: 'cpu', reason } };
}

/** A session that has run once, or why there is none. */
async function tryProvider(
  model: Uint8Array,
  trial: Readonly<Record<string, Value>>,
  settings: SessionOptions,
  provider: ExecutionProvider,
): Promise<Session | string> {
  if (!knownProviders().includes(provider)) {
    return `ONNX Runtime for ${process.platform}-${process.arch} comes without it`;
  }
  let session: Session | undefined;
  try {
    session = await createSession(model, { ...settings, provider });
    await session.run(trial);
    return session;
  } catch (error) {
    await session?.release();
    if (!(error instanceof RobustnessError)) throw error;
    return reasonIn(error);
  }
}

/** What ONNX Runtime said, without the sentence that it was put into, and its full stop. */
function reasonIn({ message }: RobustnessError): string {
  return message
    .replace(/^ONNX Runtime cannot (load|run) the model: /, '')
    .replace(/^\S*<lambda\(\)> .* was (false|true)\. /, '')
    .replace(/^OrtSessionOptionsAppend\w+: /, '')
    .replace(/[\s.]+$/, '');
}

/** A sentence for people, where the provider that was asked for is not the one that is used. */
export function providerNotice({ requested, used, reason }: ProviderChoice): string | null {
  return reason === null ? null : `${requested} was asked for and ${used} is used: ${reason}`;
}
