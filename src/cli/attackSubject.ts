import type { Attack, AttackBudget, AttackThreat, Norm } from '../engine/attack/types';
import type { DataKind } from '../engine/data/types';
import { RobustnessError } from '../engine/error';
import { type OpenedTarget, openTarget } from '../engine/evaluate/openTarget';
import { attackThreat } from '../engine/evaluate/plan';
import type { Subject } from '../engine/evaluate/prepare';
import { type EvaluationRequest, type Target, targetsOf } from '../engine/evaluate/target';
import { type OpenedModel, openModel } from '../engine/model';
import type { AttackName, Spec } from '../engine/spec/schema';
import { type AttackSettings, attackSettings } from './attackSettings';
import type { Arguments } from './command';
import { ensembleOf } from './ensembleOption';
import { type ModelExamples, perturbed, readModelExamples } from './modelExamples';
import { requiredOption } from './require';
import { runtimeSettings } from './runtimeOptions';

/** A model that is open, with the examples to attack and the attacker's limits. */
export interface AttackSubject {
  readonly opened: OpenedModel;
  readonly examples: ModelExamples;
  readonly kind: DataKind;
  /** Names by position. */
  readonly classes: readonly string[];
  readonly threat: AttackThreat;
  readonly budget: AttackBudget;
  readonly seed: number;
  /** Passes that are averaged where the model is random; the usual number if absent. */
  readonly eot?: number;
  /** What was found rather than stated, in words. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

interface Asked {
  readonly attack: Attack;
  readonly norm: Norm;
  readonly epsilon: number;
}

/** Whether model and data are to be opened as `evaluate` opens them; else D.npz holds what the model takes. */
export function asEvaluated(args: Arguments): boolean {
  const [given] = args.positionals;
  if (given === undefined || isSpec(given)) return true;
  return args.text('ensemble') !== undefined || !/\.npz$/i.test(args.text('data') ?? '.npz');
}

const isSpec = (path: string) => /\.(ya?ml|json)$/i.test(path);

/** Of a model, with arrays of what it takes. */
export async function subjectOfArrays(args: Arguments, { attack, norm, epsilon }: Asked): Promise<AttackSubject> {
  const model = args.positionals[0] as string;
  const needless = (['model', 'combine', 'limit'] as const).find((name) => args.text(name) !== undefined);
  if (needless !== undefined) {
    throw new RobustnessError(
      'usage/arguments',
      `--${needless} has no meaning for a model with the arrays of an .npz file.`,
      'Leave it out, or write a spec.',
    );
  }
  if (norm === 'edits') {
    throw new RobustnessError(
      'usage/norm',
      'Edits are of texts, and the data are arrays.',
      'Give texts (csv, tsv, jsonl) with --data, or choose another norm.',
    );
  }
  const examples = await readModelExamples(model, requiredOption(args, 'data'), perturbed(args));
  const { record } = examples;
  const output = args.text('output');
  const settings = attackSettings(args.texts('option'), attack.defaults, examples.x);
  const { preprocess, kind, budget, seed, bounds } = settings;
  const counted = norm === 'l0' ? channelsCounted(settings, examples.shape) : {};
  const opened = await openModel(model, {
    preprocess,
    exampleShape: examples.shape,
    kind,
    countClasses: async () => examples.y.reduce((most, label) => Math.max(most, label), 0) + 1,
    ...(record ? { record: { ...record, example: examples.x.subarray(0, examples.shape[0]) } } : {}),
    ...(output === undefined ? {} : { output }),
    ...runtimeSettings(args),
  });
  return {
    opened,
    examples,
    kind,
    classes: Array.from({ length: opened.oracle.classes }, (_, k) => String(k)),
    threat: { norm, epsilon, bounds, ...counted },
    budget,
    seed,
    notes: [],
    close: () => opened.release(),
  };
}

/** Of a spec, of an ensemble, or of a model with data in files: opened as `evaluate` opens them. */
export async function subjectOfEvaluation(args: Arguments, asked: Asked): Promise<AttackSubject> {
  const stray = args.texts('option').find((option) => /^(mean|std|layout)=/.test(option));
  if (stray !== undefined) {
    throw new RobustnessError(
      'usage/attack-option',
      `The attack option "${stray}" cannot be used here.`,
      'Write `preprocess` into a spec; without one it is found by trial, as `evaluate` does.',
    );
  }
  const request = requestOf(args);
  const targets = await targetsOf(request);
  const [target] = targets;
  if (target === undefined || targets.length > 1) {
    throw new RobustnessError(
      'usage/one-model',
      `The spec names ${targets.length} models, and an attack is on one.`,
      'Name it with --model.',
    );
  }
  const opened = await openTarget({ ...target, spec: withThreat(target, args, asked) }, request, refuse);
  try {
    return await subjectOf(opened, args, asked.attack);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function requestOf(args: Arguments): EvaluationRequest {
  const [given] = args.positionals;
  const spec = given !== undefined && isSpec(given);
  const model = spec ? args.text('model') : given;
  const data = args.text('data');
  if (spec && data !== undefined) {
    throw new RobustnessError('usage/arguments', 'A spec names its own data.', 'Leave --data out, or give a model.');
  }
  if (!spec && args.text('model') !== undefined) {
    throw new RobustnessError('usage/arguments', '--model chooses among those of a spec.', 'Leave --model out.');
  }
  const ensemble = ensembleOf(args, 'robustness attack --ensemble A,B --data D --attack NAME …');
  if (given === undefined && ensemble === undefined) {
    throw new RobustnessError(
      'usage/arguments',
      'Nothing to attack was named.',
      'Usage: robustness attack MODEL --data D --attack NAME …, or a SPEC.',
    );
  }
  const perturb = perturbed(args);
  const output = args.text('output');
  const limit = args.integer('limit', 1);
  return {
    ...(spec ? { specPath: given } : {}),
    ...(model === undefined ? {} : { modelPath: model }),
    ...(data === undefined ? {} : { dataPath: data }),
    ...(ensemble === undefined ? {} : { ensemble }),
    ...(perturb === undefined ? {} : { perturb }),
    ...(output === undefined ? {} : { output }),
    ...(limit === undefined ? {} : { limit }),
    ...runtimeSettings(args),
  };
}

/** The spec with the attacker who was asked for; bounds, and what is left alone or counted, are those of its own in that norm. */
function withThreat({ spec }: Target, args: Arguments, { attack, norm, epsilon }: Asked): Spec {
  const like = spec.threatModels?.find((threat) => threat.norm === norm);
  const options = new Map(args.texts('option').map((option) => option.split('=', 2) as [string, string | undefined]));
  const counts = options.get('counts') ?? like?.counts;
  return {
    ...spec,
    gates: [],
    corruptions: false,
    // Said by the command, so that nothing about it was found out.
    seed: spec.seed ?? 0,
    threatModels: [
      {
        name: attack.name,
        norm,
        epsilon,
        goal: 'untargeted',
        suite: 'standard',
        attacks: [attack.name as AttackName],
        knowledge: { gradient: 'white-box', scores: 'black-box-score', labels: 'black-box-decision' }[
          attack.needs
        ] as 'white-box',
        ...(like?.bounds === undefined || options.has('bounds') ? {} : { bounds: like.bounds }),
        ...(like?.edits === undefined ? {} : { edits: like.edits }),
        ...(counts === undefined ? {} : { counts: counts as 'pixels' }),
      },
    ],
  };
}

function refuse({ dataset, target }: Subject): void {
  if (target.spec.task === 'regression') {
    throw new RobustnessError(
      'usage/task',
      'The model predicts numbers, of which an attack breaks none.',
      'Use `robustness evaluate`, which drives the outputs up and down.',
    );
  }
  const size = dataset.shape.reduce((product, dimension) => product * dimension, 1);
  if (dataset.count * size > largest) {
    throw new RobustnessError(
      'data/too-large',
      `The data hold ${dataset.count * size} values.`,
      `Attack at most ${largest}, by --limit; \`evaluate\` streams larger data.`,
    );
  }
}

/** This command holds its arrays in memory. */
const largest = 2 ** 28;

async function subjectOf(target: OpenedTarget, args: Arguments, attack: Attack): Promise<AttackSubject> {
  const { subject, spec, opened, facts, notes, close } = target;
  const { dataset } = subject;
  const [threat] = spec.threatModels;
  if (threat === undefined) throw new RangeError('the spec was given a threat model');
  const options = args.texts('option');
  const { budget, seed, bounds } = attackSettings(options, attack.defaults, new Float32Array(0));
  const size = dataset.shape.reduce((product, dimension) => product * dimension, 1);
  const x = new Float32Array(dataset.count * size);
  const y = new Int32Array(dataset.count);
  for await (const batch of dataset.batches(facts.unitSize)) {
    x.set(batch.x, batch.start * size);
    y.set(batch.y, batch.start);
  }
  const has = (name: string) => options.some((option) => option.startsWith(`${name}=`));
  return {
    opened,
    examples: { x, y, shape: dataset.shape, ...(dataset.record ? { record: dataset.record } : {}) },
    kind: dataset.kind,
    classes: facts.classes,
    threat: { ...attackThreat(threat, facts.shape), ...(has('bounds') ? { bounds } : {}) },
    budget,
    seed: has('seed') ? seed : spec.seed,
    ...(spec.eot === undefined ? {} : { eot: spec.eot }),
    notes: [...subject.spec.inferred, ...notes],
    close,
  };
}

/** Pixels of examples [C, H, W] count as one each, unless values are asked for. */
function channelsCounted({ counts }: AttackSettings, shape: readonly number[]): Pick<AttackThreat, 'channels'> {
  if (counts === 'pixels' && shape.length !== 3) {
    throw new RobustnessError(
      'usage/attack-option',
      'Pixels are counted, and x is not [n, C, H, W].',
      'Leave counts out.',
    );
  }
  return shape.length === 3 && counts !== 'values' ? { channels: shape[0]! } : {};
}
