import { basename, dirname, resolve } from 'node:path';
import type { FeatureConstraints } from '../attack/constraint';
import { attackByName } from '../attack/registry';
import type { DataKind } from '../data/types';
import { RobustnessError } from '../error';
import { resolveSpatial, resolveUniversal } from './beyond';
import { corruptionSets } from './corruptions';
import { resolveEdits } from './edits';
import { parseFraction } from './fraction';
import { resolveGoal } from './goal';
import { wantsMinimalNorm } from './minimalNorm';
import { type DeclaredShape, possibleLayouts } from './modelInput';
import { outputAttacksFor } from './outputSuites';
import { conventionalRadius } from './radius';
import { resolveShifts } from './resolveShifts';
import type { DataSource, Preprocess, ResolvedSpec, ResolvedThreatModel, Spec, ThreatModelSpec } from './schema';
import { countsOf } from './sparse';
import { resolveStability } from './stability';
import { attacksFor } from './suites';
import { parseTolerance } from './tolerance';

/** What the command line or the user interface adds to a spec, or puts in its place. */
export interface ResolveOptions {
  readonly modelPath?: string | undefined;
  /** Folder that relative paths are relative to when there is no spec file. */
  readonly base?: string | undefined;
  /** Takes the place of every threat model's suite. */
  readonly preset?: ResolvedThreatModel['suite'] | undefined;
  /** With `norm`, takes the place of the spec's threat models. */
  readonly epsilon?: number | string | undefined;
  readonly norm?: ResolvedThreatModel['norm'] | undefined;
  /** In place of those of every threat model. */
  readonly goal?: ResolvedThreatModel['goal'] | undefined;
  readonly target?: string | undefined;
  readonly limit?: number | undefined;
  readonly seed?: number | undefined;
}

/** What is known once the data and the model have been opened. */
export interface SpecFacts {
  readonly data?: {
    readonly kind: DataKind;
    /** [C, H, W] for images. */
    readonly shape: readonly number[];
    readonly unit: number;
    readonly storedRange: readonly [number, number] | null;
    readonly classes: readonly string[] | null;
    readonly inferred: readonly string[];
    /** An example holds several inputs of the model. */
    readonly record?: unknown;
    /** Of the features that the spec declares. */
    readonly constraints?: FeatureConstraints;
  };
  readonly modelInput?: DeclaredShape;
}

/**
 * Fills every setting that the spec leaves open and says which ones in `inferred`.
 * @param specPath null when the settings were given by options
 * @throws RobustnessError `spec/…`
 */
export function resolveSpec(
  spec: Spec,
  specPath: string | null,
  options: ResolveOptions = {},
  facts: SpecFacts = {},
): ResolvedSpec {
  const base = specPath === null ? (options.base ?? process.cwd()) : dirname(specPath);
  const inferred: string[] = [...(facts.data?.inferred ?? [])];
  const modelPath = chooseModel(spec, base, options.modelPath, inferred);
  const data = resolveData(spec, base, options.limit, facts);
  const task = spec.task ?? 'classification';
  const range = data.range === null ? null : ([data.range[0] / data.unit, data.range[1] / data.unit] as const);
  const context: ThreatContext = { range, classes: data.classes?.length ?? null, task, facts, options, inferred };
  const stated = statedThreats(spec, options, facts);
  const preprocess = resolvePreprocess(spec, facts, inferred);
  const threatModels = resolveThreats(stated, context);
  return {
    specPath: specPath === null ? null : resolve(specPath),
    modelPath,
    task,
    tolerance: spec.tolerance === undefined ? null : parseTolerance(spec.tolerance),
    data,
    preprocess,
    threatModels,
    corruptions: resolveCorruptions(spec, facts, inferred),
    ...resolveStability(spec, task, isThorough(threatModels), inferred),
    ...resolveBaseline(spec, task, base, inferred),
    ...(spec.eot === undefined ? {} : { eot: spec.eot }),
    ...(spec.spatial === undefined ? {} : { spatial: resolveSpatial(spec.spatial) }),
    ...(spec.universal === undefined ? {} : { universal: resolveUniversal(spec.universal) }),
    ...resolveShifts(spec, base),
    gates: spec.gates ?? [],
    context: spec.context ?? 'general',
    seed: options.seed ?? spec.seed ?? said(0, inferred, 'the seed is 0'),
    inferred,
    threatModelStated: stated !== null,
  };
}

function resolveBaseline(
  { baseline }: Pick<Spec, 'baseline'>,
  task: ResolvedSpec['task'],
  base: string,
  inferred: string[],
): Pick<ResolvedSpec, 'baseline'> {
  if (baseline === undefined) return {};
  if (task === 'classification') return { baseline: resolve(base, baseline) };
  inferred.push('the baseline was left aside: what is held against it are predicted classes');
  return {};
}

/** Whether somebody asked for all that can be had. */
function isThorough(threats: readonly ResolvedThreatModel[]): boolean {
  return threats.some(({ suite }) => suite === 'thorough');
}

/** Absolute paths of the models that a spec names. */
function modelsFrom(spec: Spec, base: string): readonly string[] {
  return (spec.models ?? (spec.model === undefined ? [] : [spec.model])).map((path) => resolve(base, path));
}

function chooseModel(spec: Spec, base: string, option: string | undefined, inferred: string[]): string {
  const named = modelsFrom(spec, base);
  const [only, ...others] = named;
  if (option === undefined) {
    if (only !== undefined && others.length === 0) return only;
    throw new RobustnessError(
      'spec/model',
      only === undefined ? 'The spec names no model.' : `The spec names ${named.length} models.`,
      'Name the model to evaluate.',
    );
  }
  const path = resolve(base, option);
  if (only !== undefined && !named.includes(path)) {
    inferred.push(
      `the spec was written for ${named.map((each) => basename(each)).join(', ')} and is applied to ${basename(path)}`,
    );
  }
  return path;
}

function resolveData(spec: Spec, base: string, limit: number | undefined, facts: SpecFacts): ResolvedSpec['data'] {
  const source: DataSource = { ...spec.data.test, path: resolve(base, spec.data.test.path) };
  if (typeof source.labels === 'string' && /[./\\]/.test(source.labels) && isPathLabels(source)) {
    source.labels = resolve(base, source.labels);
  }
  const limits = [spec.data.test.limit, limit].filter((each) => each !== undefined);
  if (limits.length > 0) source.limit = Math.min(...limits);
  const images = ['idx', 'cifar', 'folder'].includes(source.format ?? '');
  return {
    test: source,
    range: spec.data.range ?? facts.data?.storedRange ?? (images ? [0, 255] : null),
    unit: spec.data.unit ?? facts.data?.unit ?? (images ? 255 : 1),
    classes: spec.data.classes ?? facts.data?.classes ?? null,
    resize: spec.preprocess?.resize ?? null,
    ...(spec.data.features === undefined ? {} : { features: spec.data.features }),
  };
}

function isPathLabels(source: DataSource): boolean {
  return source.format === 'idx' || /idx|\.npy$/i.test(source.path);
}

/** Said where a spec has no pre-processing; what an inference finds takes its place. */
export const unstatedPreprocess =
  'no mean and standard deviation were stated: values go into the model after division by the unit';

export /** Where the model's input is not known. */
const usualLayout = { image: 'nchw', vector: 'flat', series: 'nct', text: 'flat' } as const;

export function resolvePreprocess(spec: Spec, facts: SpecFacts, inferred: string[]): Preprocess {
  const given = spec.preprocess ?? {};
  const { data } = facts;
  if (data?.kind === 'text') {
    if (spec.preprocess === undefined) return { mean: [0], std: [1], layout: 'flat', channels: 'rgb' };
    throw new RobustnessError(
      'spec/preprocess',
      'The data hold texts, which the tokenizer prepares; there is nothing to normalise.',
      'Remove `preprocess` from the spec.',
    );
  }
  const list = (value: number | readonly number[]) => (typeof value === 'number' ? [value] : value);
  const mean = list(given.mean ?? 0);
  const std = list(given.std ?? 1);
  if (given.mean === undefined && given.std === undefined) {
    inferred.push(unstatedPreprocess);
  }
  const { modelInput } = facts;
  const kind = data?.kind ?? 'image';
  const byChannel = kind === 'image' || kind === 'series';
  const depth = byChannel ? data?.shape[0] : data?.shape.reduce((product, size) => product * size, 1);
  for (const [name, values] of [['mean', mean] as const, ['std', std] as const]) {
    // What an example of several inputs is made of is held against the model when that is opened.
    if (data?.record !== undefined) continue;
    if (depth !== undefined && values.length !== 1 && values.length !== depth) {
      throw new RobustnessError(
        'spec/preprocess',
        `\`preprocess.${name}\` has ${values.length} values, but the data have ${depth} ${byChannel ? 'channels' : 'features'}.`,
        `Give one value, or ${depth}.`,
      );
    }
  }
  let layout = given.layout;
  if (layout === undefined) {
    layout = data && modelInput ? possibleLayouts(modelInput, kind, data.shape)[0]! : usualLayout[kind];
    inferred.push(`the layout of the model's input is ${layout}`);
  }
  return { mean, std, layout, channels: given.channels ?? 'rgb' };
}

interface ThreatContext {
  readonly range: readonly [number, number] | null;
  readonly classes: number | null;
  readonly task: ResolvedSpec['task'];
  readonly facts: SpecFacts;
  readonly options: ResolveOptions;
  readonly inferred: string[];
}

type OpenThreat = Partial<ThreatModelSpec>;

/** The norm of threat models where nobody states one. */
function usualNorm({ data }: SpecFacts): ResolvedThreatModel['norm'] {
  return data?.kind === 'text' ? 'edits' : 'linf';
}

/** The threat models that someone stated, in the spec or by options; null when nobody did. */
function statedThreats(spec: Spec, { epsilon, norm }: ResolveOptions, facts: SpecFacts): readonly OpenThreat[] | null {
  if (epsilon !== undefined || norm !== undefined) {
    // Only ε or the norm by option: the rest is that of the first threat model in the spec, as far as it has one.
    const { name: _, norm: specNorm, epsilon: specEpsilon, ...rest } = spec.threatModels?.[0] ?? ({} as OpenThreat);
    const used = norm ?? specNorm ?? usualNorm(facts);
    const kept = used === specNorm ? specEpsilon : undefined;
    const radius = epsilon ?? kept;
    return [{ ...rest, norm: used, ...(radius === undefined ? {} : { epsilon: radius }) }];
  }
  return spec.threatModels !== undefined && spec.threatModels.length > 0 ? spec.threatModels : null;
}

function resolveThreats(stated: readonly OpenThreat[] | null, context: ThreatContext): ResolvedThreatModel[] {
  if (stated === null)
    context.inferred.push('no threat model was stated: the conventional one for such data was filled in');
  return (stated ?? [{}]).map((threat) => resolveThreat(threat, context));
}

function resolveThreat(
  threat: OpenThreat,
  { range, classes, task, facts, options, inferred }: ThreatContext,
): ResolvedThreatModel {
  const norm = threat.norm ?? usualNorm(facts);
  let epsilon: number;
  let epsilonText: string;
  if (threat.epsilon === undefined) {
    const radius = conventionalRadius(norm, facts.data?.kind ?? null, facts.data?.shape ?? null, range);
    epsilon = radius.epsilon;
    epsilonText = radius.text;
    inferred.push(`${norm} ε = ${epsilonText} is ${radius.reason}`);
  } else {
    epsilon = parseFraction(threat.epsilon);
    epsilonText = String(threat.epsilon).replaceAll(' ', '');
  }
  const name = threat.name ?? `${norm}-${epsilonText.replace(/\/255$/, '')}`;
  const edits = resolveEdits(name, { ...threat, norm }, epsilon, facts.data?.kind ?? null);
  // Characters have no gradient, so an attacker of texts goes by the scores.
  const usual = edits ? ('black-box-score' as const) : ('white-box' as const);
  const knowledge = threat.knowledge ?? said(usual, inferred, `${name}: the attacker is ${usual}`);
  const { goal, target } = resolveGoal(name, threat, options, inferred);
  const suite =
    options.preset ?? threat.suite ?? said('standard' as const, inferred, `${name}: the suite of attacks is standard`);
  const attacks =
    task === 'regression'
      ? outputAttacksFor({ ...threat, knowledge }, suite)
      : attacksFor({ ...threat, norm, knowledge, goal }, suite, classes);
  if (attacks.length === 0) {
    throw new RobustnessError(
      'spec/no-attack',
      `No attack fits the threat model “${name}” in ${norm} with ${knowledge} knowledge${goal === 'targeted' ? ' and a target' : ''}.`,
      threat.attacks === undefined
        ? goal === 'targeted' && knowledge === 'black-box-decision'
          ? 'Let the attacker see scores (`knowledge`), or leave `goal` out: by labels alone, attacks here find any wrong class.'
          : 'State another norm, or let the attacker see more (`knowledge`).'
        : `Leave \`attacks\` out to get those that fit.`,
    );
  }
  for (const asked of task === 'regression' ? [] : (threat.attacks ?? [])) {
    const { norms, targeted } = attackByName(asked);
    if (goal === 'targeted' && !targeted) {
      throw new RobustnessError(
        'spec/no-attack',
        `The threat model “${name}” asks for ${asked}, which cannot be told which class to reach.`,
        'Take it out of `attacks` (apgd-t stands in for apgd-dlr, fab-t for fab), or leave `goal` and `target` out.',
      );
    }
    if (norms.includes(norm)) continue;
    throw new RobustnessError(
      'spec/no-attack',
      `The threat model “${name}” asks for ${asked}, which does not know the norm ${norm}.`,
      `Take it out of \`attacks\`, or state a threat model in ${norms.join(' or ')} for it.`,
    );
  }
  const { constraints } = facts.data ?? {};
  if (constraints && threat.bounds) {
    throw new RobustnessError(
      'spec/bounds',
      `The threat model “${name}” has bounds for all values, and the spec declares features.`,
      'State `min` and `max` of each feature under `data.features`.',
    );
  }
  const bounds = constraints ? null : (threat.bounds ?? range);
  const counts = countsOf(name, { ...threat, norm }, epsilon, bounds, facts.data ?? null);
  if (bounds === null && !constraints && !edits) inferred.push(`${name}: values have no bounds`);
  return {
    name,
    norm,
    epsilon,
    epsilonText,
    bounds,
    knowledge,
    goal,
    ...(target === undefined ? {} : { target }),
    ...(constraints ? { constraints } : {}),
    ...(edits ? { edits } : {}),
    ...(counts === undefined ? {} : { counts }),
    queries: threat.queries ?? null,
    suite,
    attacks,
    ...(wantsMinimalNorm(threat, suite) ? { minimalNorm: true } : {}),
    ...(threat.transferFrom === undefined ? {} : { transferFrom: threat.transferFrom }),
  };
}

/** By kind of data: the set that is measured where none is named, and whether it is without being asked for. */
const usualCorruptions: Readonly<Record<DataKind, { set: keyof typeof corruptionSets; measured: boolean }>> = {
  image: { set: 'common', measured: true },
  vector: { set: 'tabular', measured: false },
  series: { set: 'series', measured: true },
  text: { set: 'text', measured: true },
};

function resolveCorruptions(spec: Spec, facts: SpecFacts, inferred: string[]): ResolvedSpec['corruptions'] {
  const given = spec.corruptions;
  if (given === false) return null;
  const kind = facts.data?.kind ?? 'image';
  const { set, measured } = usualCorruptions[kind];
  if (given === undefined && (!measured || (spec.task === 'regression' && kind === 'image'))) return null;
  if (given === undefined)
    inferred.push(
      `the ${kind === 'image' ? 'common corruptions' : `corruptions of the set ${set}`} are measured at severities 1, 3 and 5`,
    );
  return {
    names: given?.only ?? corruptionSets[given?.set ?? set],
    severities: given?.severities ?? [1, 3, 5],
    ...(given?.reference === undefined ? {} : { reference: given.reference }),
    ...(given?.missing === undefined ? {} : { missing: given.missing }),
  };
}

function said<T>(value: T, inferred: string[], words: string): T {
  inferred.push(words);
  return value;
}
