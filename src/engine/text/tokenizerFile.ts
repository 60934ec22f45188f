import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { RobustnessError } from '../error';

/** Larger ones than this are no tokenizers of classifiers: vocabularies of 250,000 pieces take 30 MB. */
const mostBytes = 128 * 2 ** 20;
/** What other files beside the model may have at most: they hold settings. */
const mostSettingBytes = 4 * 2 ** 20;
/** Learned positions beyond this are a way of saying that there is no limit. */
const noLimit = 1_000_000;

/** The kinds of vocabulary that texts are cut up by. */
export const tokenizerModels = ['WordPiece', 'BPE', 'Unigram', 'WordLevel'] as const;
export type TokenizerModel = (typeof tokenizerModels)[number];

const id = z.number().int().nonnegative();

/** Of `tokenizer.json`, the parts that are read here; the library reads the rest. */
const fileSchema = z.looseObject({
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
    unk_token: z.string().nullish(),
    unk_id: id.nullish(),
    merges: z.array(z.unknown()).optional(),
  }),
  added_tokens: z.array(z.looseObject({ id, content: z.string() })).default([]),
  normalizer: z.looseObject({}).nullish(),
  pre_tokenizer: z.looseObject({}).nullish(),
  post_processor: z.looseObject({}).nullish(),
  decoder: z.looseObject({}).nullish(),
  truncation: z.looseObject({ max_length: z.number().int().positive(), direction: z.string().optional() }).nullish(),
  padding: z
    .looseObject({ pad_id: id.optional(), pad_type_id: id.optional(), direction: z.string().optional() })
    .nullish(),
});

const tokenName = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const settingsSchema = z.looseObject({
  model_max_length: z.number().positive().nullish(),
  pad_token: tokenName,
  padding_side: z.string().nullish(),
  truncation_side: z.string().nullish(),
  max_position_embeddings: z.number().int().positive().nullish(),
  pad_token_id: id.nullish(),
  model_type: z.string().nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
});

/** What lies beside a model to cut up texts with, read and checked. */
export interface TokenizerFile {
  /** Absolute. */
  readonly path: string;
  /** Over the file and those of the settings. */
  readonly sha256: string;
  readonly model: TokenizerModel;
  readonly json: z.infer<typeof fileSchema>;
  /** `tokenizer_config.json`; empty if there is none. */
  readonly settings: z.infer<typeof settingsSchema>;
  /** Tokens that the model takes at most by any of the files; null where none says. */
  readonly maxTokens: number | null;
  /** Where `maxTokens` stands, in words. */
  readonly maxTokensFrom: string | null;
  /** Id of the padding; 0 where none of the files says. */
  readonly padId: number;
  readonly padType: number;
  readonly padLeft: boolean;
  readonly truncateLeft: boolean;
  /** Names of the classes in order, where `config.json` has them. */
  readonly labels: readonly string[] | null;
}

/** The tokenizer of a model: `MODEL.tokenizer.json` or `tokenizer.json` beside it, or a folder up where the model lies in `onnx/`. */
export async function findTokenizer(modelPath: string): Promise<string | null> {
  const folder = dirname(modelPath);
  const stem = basename(modelPath).replace(/\.onnx$/i, '');
  const candidates = [join(folder, `${stem}.tokenizer.json`), join(folder, 'tokenizer.json')];
  if (basename(folder).toLowerCase() === 'onnx') candidates.push(join(dirname(folder), 'tokenizer.json'));
  for (const path of candidates) {
    const info = await stat(path).catch(() => null);
    if (info?.isFile()) return path;
  }
  return null;
}

/** Beside a tokenizer: what its own files and the model's say of padding, truncation and lengths. */
const settingNames = ['tokenizer_config.json', 'config.json'] as const;

/** The files that the hash of a tokenizer is over, one after the other: itself, and those of the settings that are there. */
export async function tokenizerFiles(path: string): Promise<string[]> {
  const settings = settingNames.map((name) => join(dirname(path), name));
  const there = await Promise.all(
    settings.map((setting) =>
      stat(setting).then(
        (info) => info.isFile(),
        () => false,
      ),
    ),
  );
  return [path, ...settings.filter((_, i) => there[i])];
}

/**
 * Reads a tokenizer as untrusted input.
 * @throws RobustnessError `model/tokenizer-broken`, `model/tokenizer-unsupported`, `model/tokenizer-too-large`
 */
export async function readTokenizerFile(path: string): Promise<TokenizerFile> {
  const folder = dirname(path);
  const bytes = await bounded(path, mostBytes);
  if (bytes === null) throw broken(path, 'it cannot be read');
  const own = await settingsIn(join(folder, settingNames[0]));
  const model = await settingsIn(join(folder, settingNames[1]));
  const json = parsed(path, bytes.toString('utf8'));
  const kind = kindOf(path, json);
  const padName = typeof own.data.pad_token === 'string' ? own.data.pad_token : own.data.pad_token?.content;
  const limits = [
    ...(json.truncation ? ([[json.truncation.max_length, 'tokenizer.json']] as const) : []),
    ...(own.data.model_max_length && own.data.model_max_length < noLimit
      ? ([[own.data.model_max_length, 'tokenizer_config.json']] as const)
      : []),
    ...positions(model.data),
  ];
  const [limit] = limits.sort(([a], [b]) => a - b);
  return {
    path,
    sha256: createHash('sha256').update(bytes).update(own.bytes).update(model.bytes).digest('hex'),
    model: kind,
    json,
    settings: own.data,
    maxTokens: limit === undefined ? null : Math.floor(limit[0]),
    maxTokensFrom: limit?.[1] ?? null,
    padId: json.padding?.pad_id ?? idOf(json, padName) ?? model.data.pad_token_id ?? 0,
    padType: json.padding?.pad_type_id ?? 0,
    padLeft: (json.padding?.direction ?? own.data.padding_side ?? 'right').toLowerCase() === 'left',
    truncateLeft: (json.truncation?.direction ?? own.data.truncation_side ?? 'right').toLowerCase() === 'left',
    labels: labelsOf(model.data.id2label),
  };
}

function positions({ max_position_embeddings: most, model_type: type, pad_token_id: pad }: Settings) {
  if (!most || most >= noLimit) return [];
  // RoBERTa and its kin count positions from behind the padding's id (fairseq): 514 rows hold 512 tokens.
  const offset = /roberta|camembert|xlm-r|longformer|mpnet/i.test(type ?? '') ? (pad ?? 1) + 1 : 0;
  return most > offset ? ([[most - offset, 'config.json']] as const) : [];
}

type Settings = z.infer<typeof settingsSchema>;

/** Settings are helpful and no more: a file that is missing says nothing, one that is broken is an error. */
async function settingsIn(path: string): Promise<{ data: Settings; bytes: Buffer }> {
  const bytes = await bounded(path, mostSettingBytes);
  if (bytes === null) return { data: {}, bytes: Buffer.alloc(0) };
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw broken(path, 'it is no JSON', cause);
  }
  const result = settingsSchema.safeParse(value);
  if (!result.success) throw broken(path, problemIn(result.error));
  return { data: result.data, bytes };
}

async function bounded(path: string, most: number): Promise<Buffer | null> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) return null;
  if (info.size > most) {
    throw new RobustnessError(
      'model/tokenizer-too-large',
      `${path} has ${Math.round(info.size / 2 ** 20)} MB, more than the ${most / 2 ** 20} MB that such a file may have.`,
      'Check that it is what its name says.',
    );
  }
  return readFile(path).catch(() => null);
}

function parsed(path: string, text: string): TokenizerFile['json'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(path, 'it is no JSON', cause);
  }
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  throw broken(path, problemIn(result.error));
}

function problemIn(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'another form was expected'}`;
}

function kindOf(path: string, { model }: TokenizerFile['json']): TokenizerModel {
  // Files of early versions do not name the model; what they hold tells it.
  const guessed = Array.isArray(model.vocab) ? 'Unigram' : model.merges ? 'BPE' : 'WordPiece';
  const named = model.type ?? guessed;
  const known = tokenizerModels.find((each) => each === named);
  if (!known) {
    throw new RobustnessError(
      'model/tokenizer-unsupported',
      `${path} holds a tokenizer of the kind “${named.slice(0, 60)}”, which is not known here.`,
      `Known are ${tokenizerModels.join(', ')}; save the tokenizer as a fast one (AutoTokenizer.from_pretrained(…).save_pretrained(…)).`,
    );
  }
  if (Array.isArray(model.vocab) !== (known === 'Unigram')) {
    throw broken(path, `its vocabulary has not the form of ${known}`);
  }
  return known;
}

function idOf({ model, added_tokens: added }: TokenizerFile['json'], token: string | undefined): number | undefined {
  if (token === undefined) return undefined;
  const found = added.find(({ content }) => content === token)?.id;
  if (found !== undefined) return found;
  if (!Array.isArray(model.vocab)) return Object.hasOwn(model.vocab, token) ? model.vocab[token] : undefined;
  const at = model.vocab.findIndex(([piece]) => piece === token);
  return at === -1 ? undefined : at;
}

function labelsOf(names: Readonly<Record<string, string>> | null | undefined): readonly string[] | null {
  if (!names) return null;
  const count = Object.keys(names).length;
  const ordered = Array.from({ length: count }, (_, k) =>
    Object.hasOwn(names, String(k)) ? names[String(k)] : undefined,
  );
  if (ordered.some((name) => name === undefined)) return null;
  // The names that a configuration has before anyone names the classes say nothing.
  return ordered.every((name, k) => name === `LABEL_${k}`) ? null : (ordered as string[]);
}

function broken(path: string, why: string, cause?: unknown): RobustnessError {
  return new RobustnessError(
    'model/tokenizer-broken',
    `${path} cannot be used: ${why}.`,
    'Save it again beside the model (tokenizer.save_pretrained(…)), unchanged.',
    cause === undefined ? undefined : { cause },
  );
}
