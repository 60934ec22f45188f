import { createHash } from 'node:crypto';
import { createVerifier, type VerifierModel } from '../attack/verify';
import { distinctNames } from '../compare/names';
import { openEmbedding } from '../embedding';
import { RobustnessError } from '../error';
import { factsOf, gradientFacts, type ModelFacts, type OpenedModel, type OpenOptions, openGraph } from '../model';
import { trialExamples } from '../onnx/batch';
import { floatTolerance } from '../onnx/lower/floatWidth';
import type { PreparedModel } from '../onnx/prepare';
import { elementCount } from '../onnx/tensor';
import { createOracle, type OwnedOracle } from '../oracle/oracle';
import { createOriginal, type OriginalModel } from '../original';
import type { Combination } from '../spec/ensemble';
import type { Preprocess } from '../spec/schema';
import { type CheckedMember, checkMerged } from './check';
import { combineScores, type Rule } from './combine';
import { mergeGraphs } from './merge';
import { scaleOf } from './scale';

/** One file of an ensemble, with what its own input wants. */
export interface MemberFile {
  /** Absolute. */
  readonly path: string;
  readonly preprocess: Preprocess;
  readonly output?: string;
}

export interface EnsembleFiles {
  /** What stands for the ensemble where a model's path is asked for. */
  readonly path: string;
  readonly combine: Combination;
  readonly members: readonly MemberFile[];
  /** By member; positive, of sum 1. */
  readonly weights: readonly number[];
}

/** A member by itself, inside an ensemble that is open. */
export interface OpenedMember {
  readonly name: string;
  readonly differentiable: boolean;
  /** The untouched file. */
  readonly original: OriginalModel;
  /** The file, as the verifier asks it. */
  readonly verifierModel: VerifierModel;
  /** Its own graph, opened when first asked for and released with the ensemble. */
  oracle(): Promise<OwnedOracle>;
}

export interface OpenedEnsemble extends OpenedModel {
  readonly members: readonly OpenedMember[];
  readonly throughLogits?: () => Promise<OwnedOracle>;
}

/** Where 8-bit layers are computed in another order, a rounding that falls the other way moves scores by a step. */
const toleranceOfQuantised = 0.1;

/**
 * Opens several models as one. Attacks see one graph of all members; the verifier runs the members' own files and combines
 * what they return in TypeScript.
 *
 * @param data [n, ...example] examples in data space, on which graph and files are held against each other
 * @throws `model/*` with the name of the member, `model/ensemble` where members do not fit together,
 *   `model/ensemble-differs` where the graph gives other scores than the files
 */
export async function openEnsemble(
  files: EnsembleFiles,
  options: Omit<OpenOptions, 'preprocess' | 'output'>,
  data: Float32Array,
): Promise<OpenedEnsemble> {
  const { combine, weights } = files;
  const names = distinctNames(files.members.map(({ path }) => path));
  const opened: Opened[] = [];
  const release = async (): Promise<void> => {
    for (const member of opened) await member.release();
  };
  try {
    for (const [m, file] of files.members.entries()) {
      const { path, ...own } = file;
      opened.push(await openMember(path, names[m]!, weights[m]!, { ...options, ...own }));
    }
    refuseCombination(opened, combine, options.heads === 'raw');
    const merged = await mergeGraphs(opened, combine);
    const rule: Rule = { combine, weights, scales: opened.map(({ scale }) => scale) };
    await checkMerged(merged, opened, rule, data);
    const sha256 = hashOf(files, opened);
    const oracle = await createOracle(merged.data, { ...options, modelSha256: sha256 });
    const { classes } = merged.data;
    const { throughLogits } = merged;
    let second: Promise<OwnedOracle> | undefined;
    return {
      facts: ensembleFacts(files, opened, { ...gradientFacts(merged.data) }, sha256),
      oracle,
      original: {
        classes,
        async predict(x) {
          const rows: Float32Array[] = [];
          for (const { original } of opened) rows.push(await original.predict(x));
          return combineScores(rows, classes, rule);
        },
      },
      members: opened,
      ...(throughLogits
        ? {
            throughLogits() {
              second ??= createOracle(throughLogits, { ...options, modelSha256: sha256, batchSize: oracle.batchSize });
              return second;
            },
          }
        : {}),
      embedding: () => openEmbedding(merged.data, options.threads === undefined ? {} : { threads: options.threads }),
      async release() {
        await (await second?.catch(() => undefined))?.release();
        await oracle.release();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

interface Opened extends CheckedMember, OpenedMember {
  readonly original: OriginalModel;
  readonly prepared: PreparedModel;
  readonly facts: ModelFacts;
  release(): Promise<void>;
}

async function openMember(path: string, name: string, weight: number, options: OpenOptions): Promise<Opened> {
  const { prepared, data } = await openGraph(path, options).catch((error: unknown) => {
    throw ofMember(error, name);
  });
  try {
    const original = createOriginal(prepared, data);
    const size = elementCount(data.plan.from);
    const trial = await original.predict(trialExamples(prepared.input, size, 4, 'ensemble-scale'));
    const scale = scaleOf(data, trial, options.heads === 'raw');
    let oracle: Promise<OwnedOracle> | undefined;
    const quantised = prepared.graph.node.some(({ opType }) => opType === 'QuantizeLinear');
    return {
      name,
      data,
      input: prepared.input,
      scale,
      weight,
      left: prepared.left,
      original,
      prepared,
      facts: factsOf(prepared, data, gradientFacts(data)),
      tolerance: Math.max(quantised ? toleranceOfQuantised : 0, floatTolerance(prepared.model.proto.graph)),
      random: prepared.random.length > 0,
      differentiable: data.status.unavailable.length === 0,
      verifierModel: {
        predict: (x) => original.predict(x),
        classes: data.classes,
        exampleSize: size,
        ...(data.free === undefined ? {} : { free: data.free }),
      },
      oracle() {
        oracle ??= createOracle(data, { ...options, modelSha256: prepared.model.sha256, batchSize: 'measure' });
        return oracle;
      },
      async release() {
        await (await oracle?.catch(() => undefined))?.release();
        await prepared.release();
      },
    };
  } catch (error) {
    await prepared.release();
    throw error;
  }
}

/** An error of one member says which it is of. */
export function ofMember(error: unknown, name: string): unknown {
  if (!RobustnessError.is(error)) return error;
  return new RobustnessError(error.code, `${name}, a member of the ensemble: ${error.message}`, error.hint, {
    cause: error,
  });
}

function refuseCombination(members: readonly Opened[], combine: Combination, raw: boolean): void {
  if (raw && combine !== 'mean-logits') {
    throw new RobustnessError(
      'model/ensemble',
      `Models that predict numbers cannot be combined by ${combine}.`,
      'Use `combine: mean-logits`, which is the mean of their outputs.',
    );
  }
  const labels = members.filter(({ scale }) => scale === 'labels');
  if (labels.length === 0 || combine === 'vote') return;
  const names = labels.map(({ name }) => name).join(' and ');
  throw new RobustnessError(
    'model/ensemble',
    `${names} ${labels.length === 1 ? 'returns' : 'return'} labels alone, of which there is no mean.`,
    'Use `combine: vote`, or export the member so that it returns scores.',
  );
}

/** What makes another ensemble: other files, another combination, other weights, another order. */
function hashOf({ combine, weights }: EnsembleFiles, members: readonly Opened[]): string {
  const parts = members.map(({ facts }) => [facts.sha256, ...(facts.external ?? []).map(({ sha256 }) => sha256)]);
  return createHash('sha256')
    .update(JSON.stringify([combine, weights, parts]))
    .digest('hex');
}

function ensembleFacts(
  { path, combine, members: files }: EnsembleFiles,
  members: readonly Opened[],
  gradient: ModelFacts['gradient'],
  sha256: string,
): ModelFacts {
  const each = members.map(({ facts }) => facts);
  const total = (of: (facts: ModelFacts) => number) => each.reduce((sum, facts) => sum + of(facts), 0);
  const all = (of: (facts: ModelFacts) => readonly string[] | undefined) => [
    ...new Set(each.flatMap((f) => of(f) ?? [])),
  ];
  const listed = <K extends 'widened' | 'random' | 'cutOff'>(key: K) => {
    const names = all((facts) => facts[key]);
    return names.length === 0 ? {} : { [key]: names };
  };
  const operators: Record<string, number> = {};
  for (const facts of each) {
    for (const [name, count] of Object.entries(facts.operators)) operators[name] = (operators[name] ?? 0) + count;
  }
  const batches = new Set(each.map(({ batch }) => batch));
  const [first] = each;
  if (!first) throw new RangeError('an ensemble has members');
  return {
    path,
    sha256,
    bytes: total(({ bytes }) => bytes),
    opset: all(({ opset }) => [opset]).join('; '),
    inputs: first.inputs,
    outputs: first.outputs,
    operators,
    parameters: total(({ parameters }) => parameters),
    batch: batches.has('fixed-1') ? 'fixed-1' : batches.has('rewritten') ? 'rewritten' : 'dynamic',
    bypassed: all(({ bypassed }) => (bypassed === null ? [] : [bypassed])).join(', ') || null,
    ...listed('widened'),
    ...listed('random'),
    ...listed('cutOff'),
    gradient,
    ensemble: {
      combine,
      members: members.map(({ name, facts, weight, scale, differentiable }, m) => ({
        name,
        path: files[m]!.path,
        sha256: facts.sha256,
        ...(facts.external ? { external: facts.external } : {}),
        bytes: facts.bytes,
        parameters: facts.parameters,
        weight,
        scale,
        differentiable,
      })),
      ...(combine === 'vote' ? { surrogate: 'mean-probabilities' as const } : {}),
    },
  };
}

/** The verifier of a member by itself. */
export const verifierOf = (member: OpenedMember) => createVerifier(member.verifierModel);
