import { Tokenizer } from '@huggingface/tokenizers';
import { RobustnessError } from '../error';
import type { TokenizerFile } from './tokenizerFile';

/** Ids that fit in an int32 and in any embedding that there is. */
const largestId = 2 ** 31 - 1;
/** Texts that show which special tokens go around any text. */
const probes = ['a', 'the cat', '1'];

/** A text as a model takes it, not yet padded. */
export interface Tokens {
  readonly ids: readonly number[];
  /** Segment of each token: 0 in a single text, except where a template says otherwise. */
  readonly types: readonly number[];
  /** Whether tokens were left out, since there are more than the model takes. */
  readonly truncated: boolean;
}

/** Cuts up texts as Python's `tokenizers` does, special tokens, truncation and all. */
export interface TextTokenizer {
  /** Tokens that a text becomes at most; null for no limit. */
  readonly maxTokens: number | null;
  /** Entries of the vocabulary, added tokens included. */
  readonly vocabulary: number;
  /** Id of what is in no vocabulary; null where there is none. */
  readonly unknownId: number | null;
  encode(text: string): Tokens;
}

interface Frame {
  readonly before: Piece;
  readonly after: Piece;
}

interface Piece {
  readonly ids: readonly number[];
  readonly types: readonly number[];
}

/**
 * @param maxTokens in place of the file's, where the model's own shape says less
 * @throws RobustnessError `model/tokenizer-unsupported` for parts that the library does not know, `model/tokenizer-broken`
 */
export function createTokenizer(file: TokenizerFile, maxTokens: number | null = file.maxTokens): TextTokenizer {
  const library = open(file);
  const vocabulary = vocabularyOf(file);
  const unknown = file.json.model.unk_token;
  const unknownId = file.json.model.unk_id ?? (unknown == null ? undefined : library.token_to_id(unknown)) ?? null;
  const raw = (text: string, special: boolean): Piece => {
    const { ids, token_type_ids: types } = library.encode(text, {
      add_special_tokens: special,
      return_token_type_ids: true,
    });
    // A model without a token for what it does not know leaves such pieces out, as Python's does.
    const kept = ids.map((id, i) => [id, types?.[i] ?? 0] as const).filter(([id]) => id !== undefined && id !== null);
    const odd = kept.find(([id]) => !Number.isInteger(id) || id < 0 || id > largestId);
    if (odd) throw brokenTokens(file, `it gives the id ${odd[0]}`);
    return { ids: kept.map(([id]) => id), types: kept.map(([, type]) => type) };
  };
  const frame = guarded(file, () => frameOf(raw));
  const special = frame.before.ids.length + frame.after.ids.length;
  if (maxTokens !== null && maxTokens <= special) {
    throw brokenTokens(file, `it allows ${maxTokens} tokens, and ${special} are special ones`);
  }
  return {
    maxTokens,
    vocabulary,
    unknownId,
    encode: (text) =>
      guarded(file, () => {
        const whole = raw(text, true);
        if (maxTokens === null || whole.ids.length <= maxTokens) return { ...whole, truncated: false };
        return { ...shortened(raw(text, false), frame, maxTokens - special, file.truncateLeft), truncated: true };
      }),
  };
}

function shortened({ ids, types }: Piece, { before, after }: Frame, room: number, fromLeft: boolean): Piece {
  const [from, to] = fromLeft ? [ids.length - room, ids.length] : [0, room];
  return {
    ids: [...before.ids, ...ids.slice(from, to), ...after.ids],
    types: [...before.types, ...types.slice(from, to), ...after.types],
  };
}

/** What goes before and behind every text; the same for all of the probes, or truncation would not be what it is in Python. */
function frameOf(raw: (text: string, special: boolean) => Piece): Frame {
  const frames = probes.flatMap((text) => {
    const inner = raw(text, false);
    const outer = raw(text, true);
    if (inner.ids.length === 0) return [];
    const most = outer.ids.length - inner.ids.length;
    for (let from = 0; from <= most; from++) {
      if (!inner.ids.every((id, k) => outer.ids[from + k] === id)) continue;
      const end = from + inner.ids.length;
      return [
        {
          before: { ids: outer.ids.slice(0, from), types: outer.types.slice(0, from) },
          after: { ids: outer.ids.slice(end), types: outer.types.slice(end) },
        },
      ];
    }
    return [];
  });
  return frames[0] ?? { before: { ids: [], types: [] }, after: { ids: [], types: [] } };
}

function open(file: TokenizerFile): Tokenizer {
  try {
    // The library reads absent parts as absent only where they are null.
    const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...file.json };
    const { unk_token: unknown } = file.json.model;
    return new Tokenizer(parts, { ...file.settings, ...(unknown == null ? {} : { unk_token: unknown }) });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RobustnessError(
      'model/tokenizer-unsupported',
      `${file.path} holds a part that cannot be read here: ${reason.slice(0, 200)}.`,
      'Report which model it belongs to; or evaluate the part of the model behind its embedding as data of kind vector.',
      { cause },
    );
  }
}

function vocabularyOf({ json }: TokenizerFile): number {
  const { vocab } = json.model;
  const own = Array.isArray(vocab) ? vocab.length : Object.keys(vocab).length;
  const extra = json.added_tokens.filter(({ id, content }) =>
    Array.isArray(vocab) ? id >= vocab.length : !Object.hasOwn(vocab, content),
  );
  return own + extra.length;
}

function guarded<T>(file: TokenizerFile, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (RobustnessError.is(cause)) throw cause;
    throw brokenTokens(file, cause instanceof Error ? cause.message.slice(0, 200) : String(cause), cause);
  }
}

function brokenTokens({ path }: TokenizerFile, why: string, cause?: unknown): RobustnessError {
  return new RobustnessError(
    'model/tokenizer-broken',
    `${path} cannot cut up a text: ${why}.`,
    'Save it again beside the model (tokenizer.save_pretrained(…)), unchanged.',
    cause === undefined ? undefined : { cause },
  );
}
