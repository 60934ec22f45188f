import { RobustnessError } from '../error';
import { type GraphFacts, graphFacts } from '../onnx/inspect';
import { type LoadedModel, readModel } from '../onnx/read';
import { fixedTokens, type TextInputs, textInputs } from './inputs';
import { findTokenizer, readTokenizerFile, type TokenizerFile } from './tokenizerFile';

/** A model that takes token ids, with the tokenizer beside it. */
export interface TextModel {
  readonly modelPath: string;
  readonly model: LoadedModel;
  readonly facts: GraphFacts;
  readonly inputs: TextInputs;
  readonly tokenizer: TokenizerFile;
  /** Tokens at most, special ones included; null where neither model nor tokenizer sets a limit. */
  readonly maxTokens: number | null;
  /** Where that number stands, in words. */
  readonly maxTokensFrom: string | null;
}

/** What `inspect` says of a text model. */
export interface TextInspection {
  /** The model's names of its inputs. */
  readonly inputs: Readonly<Record<'ids' | 'mask' | 'types' | 'positions', string | null>>;
  /** Null where none lies beside the model. */
  readonly tokenizer: {
    readonly path: string;
    readonly sha256: string;
    readonly kind: TokenizerFile['model'];
    readonly maxTokens: number | null;
  } | null;
}

/**
 * Looks at a model as one of texts: null where it does not take token ids.
 * @throws `model/tokenizer-…` for a tokenizer that cannot be used
 */
export async function inspectText(modelPath: string): Promise<{
  readonly model: LoadedModel;
  readonly facts: GraphFacts;
  readonly inspection: TextInspection;
} | null> {
  const model = await readModel(modelPath);
  const facts = graphFacts(model);
  const inputs = textInputs(facts);
  if (inputs === null) return null;
  const path = await findTokenizer(modelPath);
  const file = path === null ? null : await readTokenizerFile(path);
  return {
    model,
    facts,
    inspection: {
      inputs: {
        ids: inputs.ids.name,
        mask: inputs.mask?.name ?? null,
        types: inputs.types?.name ?? null,
        positions: inputs.positions?.name ?? null,
      },
      tokenizer: file && {
        path: file.path,
        sha256: file.sha256,
        kind: file.model,
        maxTokens: limitOf(file, inputs).tokens,
      },
    },
  };
}

/**
 * A text model and its tokenizer, to be opened.
 * @throws `model/no-tokenizer`, `model/tokenizer-…`, `model/text-inputs`
 */
export async function describeText(modelPath: string): Promise<TextModel> {
  const model = await readModel(modelPath);
  const facts = graphFacts(model);
  const inputs = textInputs(facts);
  if (inputs === null) {
    throw new RobustnessError(
      'model/text-inputs',
      `${modelPath} does not take token ids alone.`,
      'Export the classifier with the inputs input_ids, attention_mask and token_type_ids.',
    );
  }
  const path = await findTokenizer(modelPath);
  if (path === null) throw noTokenizer(modelPath, inputs);
  const tokenizer = await readTokenizerFile(path);
  const { tokens, from } = limitOf(tokenizer, inputs);
  return { modelPath, model, facts, inputs, tokenizer, maxTokens: tokens, maxTokensFrom: from };
}

function limitOf(file: TokenizerFile, inputs: TextInputs): { tokens: number | null; from: string | null } {
  const fixed = fixedTokens(inputs);
  if (fixed !== null && (file.maxTokens === null || fixed <= file.maxTokens)) {
    return { tokens: fixed, from: "the model's input" };
  }
  return { tokens: file.maxTokens, from: file.maxTokensFrom };
}

function noTokenizer(modelPath: string, { ids }: TextInputs): RobustnessError {
  return new RobustnessError(
    'model/no-tokenizer',
    `${modelPath} takes token ids (${ids.name}), and no tokenizer lies beside it.`,
    'Put its tokenizer.json into the same folder (Python: AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)).',
  );
}
