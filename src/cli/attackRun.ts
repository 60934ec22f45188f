import type { Attack } from '../engine/attack/types';
import { createVerifier } from '../engine/attack/verify';
import type { WritableArray } from '../engine/data/write';
import { RobustnessError } from '../engine/error';
import { type Chunk, gather } from '../engine/evaluate/examples';
import { settleRandomness } from '../engine/evaluate/randomness';
import { execute } from '../engine/evaluate/stage/execute';
import { argmax } from '../engine/evaluate/state';
import { chooseTarget, targetPlan, wanted } from '../engine/evaluate/targetPlan';
import { decodeText } from '../engine/text/codePoints';
import type { AttackSubject } from './attackSubject';
import { arraysOf } from './modelExamples';
import { checkLabels } from './require';

/** What one attack did to each example. */
export interface Attacked {
  /** Classified correctly as they are. */
  readonly correct: number;
  /** Of these, those that were attacked: an example of the wanted class has nothing to reach. */
  readonly attacked: number;
  readonly broken: number;
  /** Claims that the verifier refused. */
  readonly refused: number;
  readonly forwards: number;
  readonly backwards: number;
  readonly seconds: number;
  /** [n, ...shape]: adversarial where confirmed, else as given. */
  readonly adversarial: Float32Array;
  /** [n] */
  readonly success: Uint8Array;
  /** [n]: size of the perturbation, 0 where there is none. */
  readonly distance: Float64Array;
  /** [n]: what the original model file predicts of `adversarial`. */
  readonly prediction: Int32Array;
  /** [n]: the class to reach, -1 for none; absent where any wrong one will do. */
  readonly targets?: Int32Array;
  /** What of a random model has to be said. */
  readonly notes: readonly string[];
}

/** Runs one attack on the examples that are classified correctly; only what the original file confirms counts. */
export async function attackExamples(
  attack: Attack,
  subject: AttackSubject,
  target: string | undefined,
): Promise<Attacked> {
  const { opened, examples, threat, budget, seed, eot, classes } = subject;
  const { oracle, verifierModel, notes } = settleRandomness(opened, {
    threatModels: [],
    ...(eot === undefined ? {} : { eot }),
  });
  checkLabels(examples.y, oracle.classes);
  const size = oracle.exampleSize;
  const n = examples.y.length;
  const logits = await oracle.logits(examples.x);
  const clean = argmax(logits, oracle.classes);
  const targets = targetsOf(target, classes, seed, examples.y, logits);
  const correct = Int32Array.from([...clean.keys()].filter((i) => clean[i] === examples.y[i]));
  // Examples of the wanted class have nothing to reach, and stay as they are.
  const attacked = correct.filter((i) => targets?.[i] !== -1);
  const chunk: Chunk = {
    indices: attacked,
    x: gather(examples.x, attacked, size),
    y: Int32Array.from(attacked, (i) => examples.y[i] as number),
    ...(targets ? { targetClasses: Int32Array.from(attacked, (i) => targets[i] as number) } : {}),
  };
  const verifier = createVerifier(verifierModel);
  const outcome = await execute(attack, budget, threat, chunk, { oracle, verifier, seed });

  const adversarial = examples.x.slice();
  const success = new Uint8Array(n);
  const distance = new Float64Array(n);
  attacked.forEach((i, k) => {
    if (outcome.confirmed[k] !== 1) return;
    success[i] = 1;
    distance[i] = outcome.distance[k] as number;
    adversarial.set(outcome.adversarial.subarray(k * size, (k + 1) * size), i * size);
  });
  const prediction = argmax(await opened.original.predict(adversarial), oracle.classes);
  const { refused, forwards, backwards, seconds } = outcome;
  return {
    correct: correct.length,
    attacked: attacked.length,
    broken: success.filter((s) => s === 1).length,
    ...{ refused, forwards, backwards, seconds, adversarial, success, distance, prediction, notes },
    ...(targets ? { targets } : {}),
  };
}

/** [n]: the class to reach of each example, -1 where it is of that class itself; undefined where any wrong one will do. */
function targetsOf(
  asked: string | undefined,
  names: readonly string[],
  seed: number,
  y: Int32Array,
  logits: Float32Array,
): Int32Array | undefined {
  if (asked === undefined) return undefined;
  if (asked === 'all') {
    throw new RobustnessError(
      'usage/target',
      'The file holds one adversarial example of each, and all asks for one a class.',
      'Name one class, least-likely or random; evaluate takes all.',
    );
  }
  const classes = names.length;
  const plan = targetPlan({ name: 'given', goal: 'targeted', target: wanted(asked) }, names, seed);
  if (!plan) return undefined;
  return y.map((label, i) => chooseTarget(plan, i, 0, label, logits.subarray(i * classes, (i + 1) * classes)));
}

/** The arrays of ADV.npz. */
export function attackArrays(
  { examples }: Pick<AttackSubject, 'examples'>,
  { adversarial, success, distance, prediction, targets }: Attacked,
): Record<string, WritableArray> {
  const shape = [examples.y.length];
  return {
    ...arraysOf('x', adversarial, examples),
    ...arraysOf('clean', examples.x, examples),
    y: { values: examples.y, shape },
    success: { values: success, shape },
    distance: { values: distance, shape },
    prediction: { values: prediction, shape },
    ...(targets ? { target: { values: targets, shape } } : {}),
  };
}

/** ADV.csv of texts: one row a text, classes by name; reads again as a data set. */
export function attackCsv(
  { examples, classes }: Pick<AttackSubject, 'examples' | 'classes'>,
  { adversarial, success, distance, prediction, targets }: Attacked,
): string {
  const size = adversarial.length / Math.max(1, examples.y.length);
  const nameOf = (position: number | undefined) => classes[position ?? -1] ?? '';
  const rows = Array.from(examples.y, (label, i) => [
    decodeText(adversarial.subarray(i * size, (i + 1) * size)),
    nameOf(label),
    decodeText(examples.x.subarray(i * size, (i + 1) * size)),
    nameOf(prediction[i]),
    String(success[i]),
    String(distance[i]),
    ...(targets ? [nameOf(targets[i])] : []),
  ]);
  const header = ['text', 'label', 'clean', 'prediction', 'success', 'distance', ...(targets ? ['target'] : [])];
  return `${[header, ...rows].map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** The text is data to be read again, so nothing is put before what a spreadsheet takes for a formula. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;
}
