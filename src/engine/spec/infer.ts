import type { DataKind } from '../data/types';
import { RobustnessError } from '../error';
import { isAtChance } from '../evaluate/chance';
import { type Candidate, candidates } from './candidates';
import type { DeclaredShape } from './modelInput';
import type { Preprocess } from './schema';

export interface InferRequest {
  readonly modelPath: string;
  /** Of the model's input, the batch first. */
  readonly input: { readonly shape: DeclaredShape };
  readonly dataset: {
    readonly kind: DataKind;
    /** [C, H, W] for images. */
    readonly shape: readonly number[];
    readonly unit: number;
  };
  /** Clean accuracy in [0, 1] on the sample, with this pre-processing. */
  readonly accuracyOf: (preprocess: Preprocess) => Promise<number>;
  /** Examples in that sample. */
  readonly examples: number;
  readonly classes: number;
  /** What the spec says, if it does: it stands unless it is refuted. */
  readonly stated?: Preprocess;
}

export interface Inference {
  /** The one to use: the stated one unless it is at chance and another is not; else the best. */
  readonly preprocess: Preprocess;
  readonly accuracy: number;
  /** Whether the model guesses with `preprocess`. */
  readonly atChance: boolean;
  /** In the order tried. */
  readonly tried: readonly { readonly preprocess: Preprocess; readonly accuracy: number; readonly title: string }[];
  /** One or two sentences for a person. */
  readonly message: string;
}

type Tried = Inference['tried'][number];

/**
 * Proves an inference by the clean accuracy that it gives: tries the common pre-processings on a small sample. A model
 * that is right no oftener than by guessing has been given the wrong data or the wrong pre-processing.
 * @throws whatever `accuracyOf` throws, if it throws for every candidate
 */
export async function inferSpec(request: InferRequest): Promise<Inference> {
  const { input, dataset, stated, examples, classes } = request;
  const common = candidates(input.shape, dataset.kind, dataset.shape, dataset.unit);
  const all: Candidate[] =
    stated === undefined
      ? [...common]
      : [{ title: 'as stated', preprocess: stated }, ...common.filter((each) => !same(each.preprocess, stated))];
  const tried = await tryAll(all, request.accuracyOf);
  const chance = (each: Tried) => isAtChance(Math.round(each.accuracy * examples), examples, classes);
  const first = tried[0]!;
  const best = pickBest(tried, examples);
  const isStated = stated !== undefined && first.title === 'as stated';
  const chosen = isStated && !(chance(first) && !chance(best)) ? first : best;
  return {
    preprocess: chosen.preprocess,
    accuracy: chosen.accuracy,
    atChance: chance(chosen),
    tried,
    message: explain({
      chosen,
      best,
      first,
      isStated,
      atChance: chance(chosen),
      examples,
      classes,
      tried,
    }),
  };
}

/**
 * The first, which is the stated one or the likeliest before any trial, of those that a small sample cannot tell from the
 * best: within one example, or half a standard error (with two successes and failures added, Agresti & Coull 1998).
 */
function pickBest(tried: readonly Tried[], examples: number): Tried {
  const top = Math.max(...tried.map((each) => each.accuracy));
  const share = (top * examples + 2) / (examples + 4);
  const tolerance = Math.max(1 / examples, Math.sqrt((share * (1 - share)) / (examples + 4)) / 2);
  return tried.find((each) => each.accuracy >= top - tolerance - 1e-9)!;
}

async function tryAll(all: readonly Candidate[], accuracyOf: InferRequest['accuracyOf']): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  let failure: unknown;
  for (const { title, preprocess } of all) {
    try {
      tried.push({ title, preprocess, accuracy: await accuracyOf(preprocess) });
    } catch (error) {
      // A layout that the model does not take is no candidate; anything else is not ours to hide.
      if (!RobustnessError.is(error, 'model/') && !RobustnessError.is(error, 'spec/')) throw error;
      failure ??= error;
    }
  }
  if (tried.length === 0) throw failure;
  return tried;
}

interface Story {
  readonly chosen: Tried;
  readonly best: Tried;
  readonly first: Tried;
  readonly isStated: boolean;
  readonly atChance: boolean;
  readonly examples: number;
  readonly classes: number;
  readonly tried: readonly Tried[];
}

function explain({ chosen, best, first, isStated, atChance, examples, classes, tried }: Story): string {
  const share = (each: Tried) => `${(100 * each.accuracy).toFixed(1)} %`;
  const sample = `of ${examples} examples`;
  if (atChance) {
    return (
      `The model does no better than guessing among ${classes} classes with any of ${tried.length} pre-processings (at best ${share(best)} ${sample}: ${best.title}). ` +
      'Model and data do not seem to belong together; check the labels and their order, and state `preprocess`.'
    );
  }
  if (isStated && chosen !== first) {
    return (
      `With the stated pre-processing the model guesses (${share(first)} ${sample}); ` +
      `with “${chosen.title}” it is right about ${share(chosen)}, so that is proposed.`
    );
  }
  if (isStated && surely(best, chosen, examples)) {
    return (
      `With the stated pre-processing the model is right about ${share(chosen)} ${sample}, ` +
      `but about ${share(best)} with “${best.title}”: check \`preprocess\`.`
    );
  }
  const rivals = tried.filter((each) => each !== chosen && each.accuracy >= chosen.accuracy - 1 / examples - 1e-9);
  const others = rivals.map((each) => `“${each.title}”`).join(', ');
  return (
    `With “${chosen.title}” the model is right about ${share(chosen)} ${sample}.` +
    (rivals.length === 0 || isStated
      ? ''
      : ` The sample does not tell it from ${others}: state \`preprocess\` if you know it.`)
  );
}

/** Whether one accuracy is above another by more than three standard errors of their difference. */
function surely(better: Tried, worse: Tried, examples: number): boolean {
  const pooled = (better.accuracy + worse.accuracy) / 2;
  const error = Math.sqrt((2 * pooled * (1 - pooled)) / examples);
  return better.accuracy - worse.accuracy > 3 * error;
}

function same(a: Preprocess, b: Preprocess): boolean {
  const equal = (p: readonly number[], q: readonly number[]) =>
    Array.from({ length: Math.max(p.length, q.length) }).every(
      (_, i) => Math.abs((p[p.length === 1 ? 0 : i] ?? Number.NaN) - (q[q.length === 1 ? 0 : i] ?? Number.NaN)) < 1e-9,
    );
  return a.layout === b.layout && a.channels === b.channels && equal(a.mean, b.mean) && equal(a.std, b.std);
}
