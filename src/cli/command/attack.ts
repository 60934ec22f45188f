import { attackByName, attacks } from '../../engine/attack/registry';
import type { AttackThreat, Norm } from '../../engine/attack/types';
import { RobustnessError } from '../../engine/error';
import { share } from '../../engine/metric/interval';
import { withInterval } from '../../engine/report/words';
import { parseFraction } from '../../engine/spec/fraction';
import { attackArrays, attackCsv, attackExamples } from '../attackRun';
import { type AttackSubject, asEvaluated, subjectOfArrays, subjectOfEvaluation } from '../attackSubject';
import { type Command, exitCode, jsonOption } from '../command';
import { ensembleOptions } from '../ensembleOption';
import { portOptions } from '../modelExamples';
import { requiredOption } from '../require';
import { runtimeOptions, sayProvider } from '../runtimeOptions';
import { saveArrays, saveText } from '../save';

const norms = ['linf', 'l2', 'l1', 'l0', 'edits'] as const;

const namesIn = (norm: Norm) =>
  attacks
    .filter((attack) => attack.norms.includes(norm))
    .map(({ name }) => name)
    .join(', ');

export const attackCommand: Command = {
  name: 'attack',
  usage:
    '(MODEL --data D | SPEC | --ensemble A,B --data D) --attack NAME --norm N --epsilon E [--target T] [--option k=v]… --out ADV.npz [--json]',
  summary: 'Runs one attack; what counts as broken was confirmed on the original model file.',
  details: [
    'With --target, an example counts as broken only where the model predicts that class; ADV.npz holds target then, -1 for none.',
    'D.npz holds x, [n, …] (8-bit values are divided by 255; ε is in the result), and y, [n] class indices.',
    'For a model with several inputs, D.npz holds an array of each one’s name in place of x, and ADV.npz x_NAME and clean_NAME.',
    'ADV.npz holds x (adversarial where found, else as given), clean, y, success, distance and prediction.',
    'SPEC is a robustness.yaml: its model or ensemble and its data are opened as `evaluate` opens them, as are an --ensemble and data in',
    'other files (tables, images, signals, texts); x is in the units of ε then. Texts are attacked in edits, and go to ADV.csv.',
    'In l0, ε is a whole number of pixels where x is [n, C, H, W], else, or with counts=values, of single values.',
    ...norms.map((norm) => `Attacks in ${norm}: ${namesIn(norm)}.`),
    'Options of an attack: iterations, restarts, queries, seed, bounds=LOW:HIGH or bounds=none (0:1 where the data lie in it), counts=pixels|values,',
    'and with arrays pre-processing, if the model needs it: mean=…, std=… (one value, or one a channel of x as [C, H, W]), layout=nchw|nhwc|flat.',
  ],
  options: {
    data: { type: 'string', value: 'D', help: 'Examples and labels.' },
    ...ensembleOptions,
    model: { type: 'string', value: 'M', help: 'Model, where the spec names several.' },
    attack: { type: 'string', value: 'NAME', help: 'Attack.', choices: attacks.map((attack) => attack.name) },
    norm: { type: 'string', value: 'N', help: 'Norm of the ball; edits for texts.', choices: norms },
    epsilon: { type: 'string', value: 'E', help: 'Radius, such as 8/255.' },
    target: {
      type: 'string',
      value: 'T',
      help: 'Class to reach: least-likely, random, a class, or its position from 0.',
    },
    limit: {
      type: 'string',
      value: 'N',
      help: 'Use at most so many examples; of a spec, an ensemble or data in files.',
    },
    option: { type: 'string', value: 'k=v', help: 'Option of the attack; may be repeated.', multiple: true },
    out: { type: 'string', value: 'ADV.npz', help: 'Where to write the adversarial examples.' },
    ...portOptions,
    ...runtimeOptions,
    ...jsonOption,
  },
  positionals: { least: 0, most: 1 },
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
    const asked = { attack, norm, epsilon };
    const subject = asEvaluated(args) ? await subjectOfEvaluation(args, asked) : await subjectOfArrays(args, asked);
    try {
      checkOut(out, subject);
      sayProvider(subject.opened.oracle.provider, terminal);
      for (const note of subject.notes) terminal.err(`Note: ${note}.\n`);
      const target = args.text('target');
      const attacked = await attackExamples(attack, subject, target);
      for (const note of attacked.notes) terminal.err(`Note: ${note}.\n`);
      if (subject.kind === 'text') await saveText(out, attackCsv(subject, attacked));
      else await saveArrays(out, attackArrays(subject, attacked));

      const n = subject.examples.y.length;
      const { correct, broken, refused, forwards, backwards, seconds } = attacked;
      const result = {
        attack: attack.name,
        norm,
        epsilon,
        bounds: subject.threat.bounds,
        ...subject.budget,
        seed: subject.seed,
        n,
        correct,
        ...(attacked.targets ? { goal: 'targeted', target, attacked: attacked.attacked } : {}),
        broken,
        refused,
        cleanAccuracy: share(correct, n),
        robustAccuracy: share(correct - broken, n),
        attackSuccessRate: attacked.attacked === 0 ? null : share(broken, attacked.attacked),
        forwards,
        backwards,
        seconds,
        out,
      };
      terminal.out(args.flag('json') ? `${JSON.stringify(result, null, 2)}\n` : sentence(result));
      return exitCode.done;
    } finally {
      await subject.close();
    }
  },
};

/** @throws RobustnessError `usage/out` for a file that does not hold such examples */
function checkOut(out: string, { kind }: AttackSubject): void {
  const csv = /\.csv$/i.test(out);
  if (csv === (kind === 'text')) return;
  throw new RobustnessError(
    'usage/out',
    csv ? `${out} would be a table of texts, and the examples are arrays.` : `Texts do not go into an array: ${out}.`,
    csv ? 'Name an .npz file with --out.' : 'Name a .csv file with --out.',
  );
}

function sentence(result: {
  attack: string;
  norm: string;
  epsilon: number;
  bounds: AttackThreat['bounds'];
  n: number;
  correct: number;
  attacked?: number;
  target?: string | undefined;
  broken: number;
  refused: number;
  cleanAccuracy: ReturnType<typeof share>;
  robustAccuracy: ReturnType<typeof share>;
  out: string;
}): string {
  const { attack, norm, epsilon, bounds, n, correct, attacked, target, broken, refused, out } = result;
  const limits = norm === 'edits' ? 'characters' : `bounds ${bounds ? bounds.join(' to ') : 'none'}`;
  return [
    `${attack} ${attacked === undefined ? `broke ${broken} of the ${correct} examples classified correctly` : `reached the target (${target}) for ${broken} of ${attacked} examples classified correctly, and of another class`} (${norm}, ε = ${epsilon}, ${limits}).`,
    `Clean accuracy ${withInterval(result.cleanAccuracy)}, robust accuracy at most ${withInterval(result.robustAccuracy)}, over ${n} examples.`,
    ...(refused > 0 ? [`The verifier refused ${refused} further claims of the attack.`] : []),
    `Wrote ${out}.`,
    '',
  ].join('\n');
}
