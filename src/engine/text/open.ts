import { toBinary } from '@bufbuild/protobuf';
import type { ModelFacts, OpenedModel } from '../model';
import { ModelProtoSchema } from '../onnx/generated/onnx_pb';
import { fileFacts } from '../onnx/inspect';
import { floatTolerance } from '../onnx/lower/floatWidth';
import { randomOperators } from '../onnx/random';
import type { OracleOptions } from '../oracle/oracle';
import { openWithProvider, type ProviderChoice } from '../oracle/provider';
import { createSession, type Session, type SessionOptions } from '../runtime';
import type { TextModel } from './describe';
import { feedOf } from './feed';
import { textHead } from './head';
import { fixedTexts, fixedTokens } from './inputs';
import { createTextOracle, type TextScores } from './oracle';
import { createTextOriginal } from './original';
import { createRunner } from './runner';
import { createTokenizer, type TextTokenizer } from './tokenizer';

export interface OpenTextOptions extends Omit<OracleOptions, 'modelSha256'> {
  /** Code points in an example. */
  readonly width: number;
  readonly output?: string;
  /** How many classes the data have: asked where the model returns labels. */
  readonly countClasses: () => Promise<number>;
}

/** Why a text model has no gradient, as `model.gradient` says it. */
export const noTextGradient = { operator: 'Tokenizer', reason: 'characters are discrete' } as const;

/** Texts at a time where nobody says otherwise; transformers gain nothing beyond on a processor. */
const usualBatch = 16;

/**
 * Opens a text classifier: code points in, scores out, for attacks and, apart from them, for the verifier.
 * @throws `model/…`
 */
export async function openText(text: TextModel, options: OpenTextOptions): Promise<OpenedModel> {
  const { width, output: wanted, threads, provider: requested = 'cpu' } = options;
  const head = textHead(text, wanted);
  const settings: SessionOptions = threads === undefined ? {} : { threads };
  const tokenizer = createTokenizer(text.tokenizer, text.maxTokens);
  const original = await createSession(text.modelPath, settings);
  const sessions: Session[] = [original];
  const release = async () => {
    for (const session of sessions) await session.release();
  };
  try {
    const { session, provider } = await attackedSession(text, tokenizer, head.bytes, original, settings, requested);
    if (session !== original) sessions.push(session);
    const batchSize = typeof options.batchSize === 'number' ? options.batchSize : usualBatch;
    const tolerance = floatTolerance(text.model.proto.graph);
    const runner = await createRunner(session, head.attacked, text, tokenizer.encode, batchSize, tolerance);
    const scores: TextScores = head.labels ? 'labels' : runner.width === 1 ? 'unit' : 'classes';
    const classes = head.labels ? await options.countClasses() : Math.max(2, runner.width);
    const random = randomOperators(text.model.proto.graph);
    return {
      facts: factsOf(text, runner.sharing === 'single' ? 'fixed-1' : 'dynamic', head, random),
      oracle: createTextOracle({
        runner,
        tokenizer,
        width,
        classes,
        scores,
        batchSize,
        given: typeof options.batchSize === 'number',
        provider,
        release: async () => {},
      }),
      original: createTextOriginal(original, text, head.output.name, {
        width,
        classes,
        scores,
        sigmoid: head.bypassed === 'Sigmoid',
      }),
      // What lies before the last layer is not looked for in text models.
      embedding: async () => null,
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The verifier's session where the file serves as it is: apart are how texts become ids, and batches. */
async function attackedSession(
  text: TextModel,
  tokenizer: TextTokenizer,
  bytes: () => Uint8Array | null,
  original: Session,
  settings: SessionOptions,
  requested: NonNullable<OracleOptions['provider']>,
): Promise<{ session: Session; provider: ProviderChoice }> {
  const cut = bytes();
  if (cut === null && requested === 'cpu') {
    return { session: original, provider: { requested, used: 'cpu', reason: null } };
  }
  const trial = tokenizer.encode('a');
  const length = fixedTokens(text.inputs) ?? Math.max(1, trial.ids.length);
  const copies = Array.from({ length: fixedTexts(text.inputs) ?? 1 }, () => trial);
  const feeds = feedOf(text.inputs, copies, length, text.tokenizer);
  return openWithProvider(cut ?? toBinary(ModelProtoSchema, text.model.proto), feeds, settings, requested);
}

type Head = ReturnType<typeof textHead>;

/** What a report says of the model. */
function factsOf(
  { model, facts }: TextModel,
  batch: ModelFacts['batch'],
  { bypassed, labels }: Pick<Head, 'bypassed' | 'labels'>,
  random: readonly string[],
): ModelFacts {
  return {
    ...fileFacts(model, facts),
    batch,
    bypassed,
    ...(labels ? { labelsOnly: true } : {}),
    ...(random.length > 0 ? { random: [...random] } : {}),
    gradient: {
      available: false,
      unavailable: [noTextGradient.operator],
      reasons: { [noTextGradient.operator]: noTextGradient.reason },
      straightThrough: [],
    },
  };
}

/** The facts of a text model that is only looked at. */
export function textFacts(
  text: Pick<TextModel, 'model' | 'facts'>,
  head: Pick<Head, 'bypassed' | 'labels'>,
): ModelFacts {
  return factsOf(text as TextModel, 'dynamic', head, []);
}
