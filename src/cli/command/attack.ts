import { attackByName, attacks } from '../../engine/attack/registry';
import type { AttackThreat, Norm } from '../../engine/attack/types';
import { createVerifier } from '../../engine/attack/verify';
import { RobustnessError } from '../../engine/error';
import { type Chunk, gather } from '../../engine/evaluate/examples';
import { settleRandomness } from '../../engine/evaluate/randomness';
import { execute } from '../../engine/evaluate/stage/execute';
import { argmax } from '../../engine/evaluate/state';
import { chooseTarget, targetPlan, wanted } from '../../engine/evaluate/targetPlan';
import { share } from '../../engine/metric/interval';
import { openModel } from '../../engine/model';
import { withInterval } from '../../engine/report/words';
import { parseFraction } from '../../engine/spec/fraction';
import { type AttackSettings, attackSettings } from '../attackSettings';
import { type Command, exitCode, jsonOption } from '../command';
import { arraysOf, perturbed, portOptions, readModelExamples } from '../modelExamples';
import { checkLabels, requiredOption } from '../require';
import { runtimeOptions, runtimeSettings, sayProvider } from '../runtimeOptions';
import { saveArrays } from '../save';

const norms = ['linf', 'l2', 'l1', 'l0'] as const;

const namesIn = (norm: Norm) =>
  attacks
    .filter((attack) => attack.norms.includes(norm))
    .map(({ name }) => name)
    .join(', ');

export const attackCommand: Command = {
  name: 'attack',
  usage: 'MODEL --data D.npz --attack NAME --norm N --epsilon E [--target T] [--option k=v]… --out ADV.npz [--json]',
  summary: 'Runs one attack; what counts as broken was confirmed on the original model file.',
  details: [
    'With --target, an example counts as broken only where the model predicts that class; ADV.npz holds target then, -1 for none.',
    'D.npz holds x, [n, …] (8-bit values are divided by 255; ε is in the result), and y, [n] class indices.',
    'For a model with several inputs, D.npz holds an array of each one’s name in place of x, and ADV.npz x_NAME and clean_NAME.',
    'ADV.npz holds x (adversarial where found, else as given), clean, y, success, distance and prediction.',
    'In l0, ε is a whole number of pixels where x is [n, C, H, W], else, or with counts=values, of single values.',
    ...norms.map((norm) => `Attacks in ${norm}: ${namesIn(norm)}.`),
    'Options of an attack: iterations, restarts, queries, seed, bounds=LOW:HIGH or bounds=none (0:1 where the data lie in it), counts=pixels|values,',
    'and pre-processing, if the model needs it: mean=…, std=… (one value, or one a channel of x as [C, H, W]), layout=nchw|nhwc|flat.',
  ],
  options: {
    data: { type: 'string', value: 'D.npz', help: 'Examples and labels.' },
    attack: { type: 'string', value: 'NAME', help: 'Attack.', choices: attacks.map((attack) => attack.name) },
    norm: { type: 'string', value: 'N', help: 'Norm of the ball.', choices: norms },
    epsilon: { type: 'string', value: 'E', help: 'Radius, such as 8/255.' },
    target: { type: 'string', value: 'T', help: 'Class to reach: least-likely, random, or a position from 0.' },
    option: { type: 'string', value: 'k=v', help: 'Option of the attack; may be repeated.', multiple: true },
    out: { type: 'string', value: 'ADV.npz', help: 'Where to write the adversarial examples.' },
    ...portOptions,
    ...runtimeOptions,
    ...jsonOption,
  },
  positionals: { least: 1, most: 1 },
  async run(args, terminal) {
    const attack = attackByName(requiredOption(args, 'attack'));
    const norm = requiredOption(args, 'norm') as Norm;
    const epsilon = parseFraction(requiredOption(args, 'epsilon'));
    const out = requiredOption(args, 'out');
    if (!attack.norms.includes(norm)) {
      throw new RobustnessError(
        'usage/norm',
        `${attack.title} does not know the norm ${norm}.`,
        `Choose one of ${attack.norms.join(', ')}.`,
      );
    }
    if (norm === 'l0' && !Number.isInteger(epsilon)) {
      throw new RobustnessError(
        'usage/epsilon',
        `ε = ${epsilon} is not a number of changes, which the l0 norm counts.`,
        'Give a whole number, such as 10.',
      );
    }
    const model = args.positionals[0] as string;
    const examples = await readModelExamples(model, requiredOption(args, 'data'), perturbed(args));
    const { record } = examples;
    const output = args.text('output');
    const settings = attackSettings(args.texts('option'), attack.defaults, examples.x);
    const { preprocess, kind } = settings;
    const opened = await openModel(model, {
      preprocess,
      exampleShape: examples.shape,
      kind,
      countClasses: async () => examples.y.reduce((most, label) => Math.max(most, label), 0) + 1,
      ...(record ? { record: { ...record, example: examples.x.subarray(0, examples.shape[0]) } } : {}),
      ...(output === undefined ? {} : { output }),
      ...runtimeSettings(args),
    });
    try {
      const { original } = opened;
      const { oracle, verifierModel, notes } = settleRandomness(opened, { threatModels: [] });
      sayProvider(opened.oracle.provider, terminal);
      for (const note of notes) terminal.err(`Note: ${note}.\n`);
      checkLabels(examples.y, oracle.classes);
      const size = oracle.exampleSize;
      const n = examples.y.length;
      const logits = await oracle.logits(examples.x);
      const clean = argmax(logits, oracle.classes);
      const targets = targetsOf(args.text('target'), settings.seed, examples.y, logits, oracle.classes);
      const correct = Int32Array.from([...clean.keys()].filter((i) => clean[i] === examples.y[i]));
      // Examples of the wanted class have nothing to reach, and stay as they are.
      const attacked = correct.filter((i) => targets?.[i] !== -1);
      const chunk: Chunk = {
        indices: attacked,
        x: gather(examples.x, attacked, size),
        y: Int32Array.from(attacked, (i) => examples.y[i] as number),
        ...(targets ? { targetClasses: Int32Array.from(attacked, (i) => targets[i] as number) } : {}),
      };
      const threat: AttackThreat = {
        norm,
        epsilon,
        bounds: settings.bounds,
        ...(norm === 'l0' ? channelsCounted(settings, examples.shape) : {}),
      };
      const verifier = createVerifier(verifierModel);
      const outcome = await execute(attack, settings.budget, threat, chunk, { oracle, verifier, seed: settings.seed });

      const adversarial = examples.x.slice();
      const success = new Uint8Array(n);
      const distance = new Float64Array(n);
      attacked.forEach((i, k) => {
        if (outcome.confirmed[k] !== 1) return;
        success[i] = 1;
        distance[i] = outcome.distance[k] as number;
        adversarial.set(outcome.adversarial.subarray(k * size, (k + 1) * size), i * size);
      });
      const prediction = argmax(await original.predict(adversarial), oracle.classes);
      await saveArrays(out, {
        ...arraysOf('x', adversarial, examples),
        ...arraysOf('clean', examples.x, examples),
        y: { values: examples.y, shape: [n] },
        success: { values: success, shape: [n] },
        distance: { values: distance, shape: [n] },
        prediction: { values: prediction, shape: [n] },
        ...(targets ? { target: { values: targets, shape: [n] } } : {}),
      });

      const broken = success.filter((s) => s === 1).length;
      const result = {
        attack: attack.name,
        norm,
        epsilon,
        bounds: settings.bounds,
        ...settings.budget,
        seed: settings.seed,
        n,
        correct: correct.length,
        ...(targets ? { goal: 'targeted', target: args.text('target'), attacked: attacked.length } : {}),
        broken,
        refused: outcome.refused,
        cleanAccuracy: share(correct.length, n),
        robustAccuracy: share(correct.length - broken, n),
        attackSuccessRate: attacked.length === 0 ? null : share(broken, attacked.length),
        forwards: outcome.forwards,
        backwards: outcome.backwards,
        seconds: outcome.seconds,
        out,
      };
      terminal.out(args.flag('json') ? `${JSON.stringify(result, null, 2)}\n` : sentence(result, settings));
      return exitCode.done;
    } finally {
      await opened.release();
    }
  },
};

/** [n]: the class to reach of each example, -1 where it is of that class itself; undefined where any wrong one will do. */
function targetsOf(
  asked: string | undefined,
  seed: number,
  y: Int32Array,
  logits: Float32Array,
  classes: number,
): Int32Array | undefined {
  if (asked === undefined) return undefined;
  if (asked === 'all') {
    throw new RobustnessError(
      'usage/target',
      'ADV.npz holds one adversarial example of each, and all asks for one a class.',
      'Name one class, least-likely or random; evaluate takes all.',
    );
  }
  const names = Array.from({ length: classes }, (_, k) => String(k));
  const plan = targetPlan({ name: 'given', goal: 'targeted', target: wanted(asked) }, names, seed);
  if (!plan) return undefined;
  return y.map((label, i) => chooseTarget(plan, i, 0, label, logits.subarray(i * classes, (i + 1) * classes)));
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

function sentence(
  result: {
    attack: string;
    norm: string;
    epsilon: number;
    n: number;
    correct: number;
    attacked?: number;
    target?: string | undefined;
    broken: number;
    refused: number;
    cleanAccuracy: ReturnType<typeof share>;
    robustAccuracy: ReturnType<typeof share>;
    out: string;
  },
  { bounds }: AttackSettings,
): string {
  const { attack, norm, epsilon, n, correct, attacked, target, broken, refused, cleanAccuracy, robustAccuracy, out } =
    result;
  return [
    `${attack} ${attacked === undefined ? `broke ${broken} of the ${correct} examples classified correctly` : `reached the target (${target}) for ${broken} of ${attacked} examples classified correctly, and of another class`} (${norm}, ε = ${epsilon}, bounds ${bounds ? bounds.join(' to ') : 'none'}).`,
    `Clean accuracy ${withInterval(cleanAccuracy)}, robust accuracy at most ${withInterval(robustAccuracy)}, over ${n} examples.`,
    ...(refused > 0 ? [`The verifier refused ${refused} further claims of the attack.`] : []),
    `Wrote ${out}.`,
    '',
  ].join('\n');
}
