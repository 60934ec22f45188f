import { RobustnessError } from '../error';
import { usualEditRules } from './editRules';
import type { AttackThreat } from './types';
import { infeasibility } from './verifyConstraints';
import { editDistance, editRefusal } from './verifyEdits';

/** The original, unmodified model. */
export interface VerifierModel {
  /** x is [n, ...exampleShape] in data space; returns [n, classes] scores. */
  predict(x: Float32Array): Promise<Float32Array>;
  readonly classes: number;
  /** Numbers in one example. */
  readonly exampleSize: number;
  /** Numbers at the front of an example that may change; all, if absent. */
  readonly free?: number;
  /** Runs of a model whose forward pass is random, an odd number; 1 if absent. */
  readonly draws?: number;
}

/** Runs after which the majority of a random model is taken for known: at even odds it is right within 0.5 ± 0.2. */
export const verifierDraws = 21;

export interface VerifyRequest {
  /** [n, ...exampleShape] clean examples. */
  readonly x: Float32Array;
  /** [n, ...exampleShape] */
  readonly adversarial: Float32Array;
  /** [n] true labels. */
  readonly y: Int32Array;
  /** [n]: the class that has to be predicted; any wrong one will do, if absent. */
  readonly targets?: Int32Array;
  readonly threat: AttackThreat;
}

export interface Verification {
  /** [n]: 1 where the example is admissible and the model is wrong about it, in the way that was asked for. */
  readonly confirmed: Uint8Array;
  /** [n]: size of the perturbation in the threat's norm; NaN or infinite where a value is. */
  readonly distance: Float64Array;
  /** [n]: class with the highest score, the first one of several; of several runs, the class that won most. */
  readonly prediction: Int32Array;
  /** [n, classes]; of several runs, those of the first. */
  readonly scores: Float32Array;
  /** [n]: why an example was refused, in words; null where it was confirmed. */
  readonly reasons: readonly (string | null)[];
}

export interface Verifier {
  confirm(request: VerifyRequest): Promise<Verification>;
}

/**
 * Checks what attacks return, trusting nothing of theirs: deliberately no code is shared with them. An example counts as
 * broken only if its values are finite, lie in the ball and the bounds, and the original model predicts another class than
 * the true one, or the target where there is one (of equal scores the first, by which clean accuracy is counted too). A random model must do so in most of
 * several runs: one unlucky draw breaks nothing.
 */
export function createVerifier(model: VerifierModel): Verifier {
  const { classes, exampleSize: size } = model;
  return {
    async confirm({ x, adversarial, y, targets, threat }) {
      const n = y.length;
      if (targets && targets.length !== n) {
        throw new RobustnessError(
          'attack/verify',
          `The verifier was given ${targets.length} targets for ${n} labels.`,
          'Give one target for each label, or none at all.',
        );
      }
      if (x.length !== n * size || adversarial.length !== n * size) {
        throw new RobustnessError(
          'attack/verify',
          `The verifier was given ${x.length} clean and ${adversarial.length} adversarial values for ${n} labels.`,
          `Give ${size} values of either kind for each label.`,
        );
      }
      const scores = await scoresOf(model, adversarial, n);
      const runs = [scores];
      while (n > 0 && runs.length < (model.draws ?? 1)) runs.push(await scoresOf(model, adversarial, n));
      const confirmed = new Uint8Array(n);
      const distance = new Float64Array(n);
      const prediction = new Int32Array(n);
      const reasons: (string | null)[] = [];
      for (let i = 0; i < n; i++) {
        const clean = x.subarray(i * size, (i + 1) * size);
        const changed = adversarial.subarray(i * size, (i + 1) * size);
        const rows = runs.map((run) => run.subarray(i * classes, (i + 1) * classes));
        distance[i] = perturbation(clean, changed, threat);
        prediction[i] = mostFrequent(rows.map(highest), classes);
        const reason =
          refusal(clean, changed, threat, model.free) ??
          stillRight(rows, y[i]!) ??
          (targets ? notReached(rows, targets[i]!, y[i]!) : null);
        reasons.push(reason);
        confirmed[i] = reason === null ? 1 : 0;
      }
      return { confirmed, distance, prediction, scores, reasons };
    },
  };
}

/** Why a threat model does not allow a changed example, in words; null where it does. */
export function refusal(
  clean: Float32Array,
  changed: Float32Array,
  threat: AttackThreat,
  free?: number,
): string | null {
  return (
    heldChange(clean, changed, free) ??
    inadmissible(changed, perturbation(clean, changed, threat), threat) ??
    (threat.norm === 'edits' ? editRefusal(clean, changed, threat.edits ?? usualEditRules) : null) ??
    (threat.constraints ? infeasibility(clean, changed, threat.constraints) : null)
  );
}

/** What rounding to float32 may add: a millionth, of the radius or bound where that is larger than 1. */
function slack(scale: number): number {
  return 1e-6 * Math.max(1, Math.abs(scale));
}

function inadmissible(changed: Float32Array, distance: number, { epsilon, bounds, norm }: AttackThreat): string | null {
  if (!changed.every(Number.isFinite)) return 'a value is not finite';
  if (!(distance <= epsilon || distance <= epsilon + slack(epsilon))) {
    return `its ${norm} distance ${distance} is more than ε = ${epsilon}`;
  }
  if (bounds !== null) {
    const [low, high] = bounds;
    const outside = changed.find((value) => value < low - slack(low) || value > high + slack(high));
    if (outside !== undefined) return `the value ${outside} is outside the bounds [${low}, ${high}]`;
  }
  return null;
}

function heldChange(clean: Float32Array, changed: Float32Array, free = clean.length): string | null {
  for (let i = free; i < clean.length; i++) {
    if (clean[i] !== changed[i]) return 'an input that is passed through was changed';
  }
  return null;
}

function stillRight(runs: readonly Float32Array[], label: number): string | null {
  if (!runs.every((scores) => scores.every(Number.isFinite)))
    return 'the original model gives scores that are not finite';
  if (runs[0]?.[label] === undefined) return `the label ${label} is not a class of the model`;
  const wrong = runs.filter((scores) => highest(scores) !== label).length;
  if (2 * wrong > runs.length) return null;
  return wrong === 0
    ? 'the original model still predicts the true class'
    : `the original model still predicts the true class in ${runs.length - wrong} of ${runs.length} runs`;
}

function notReached(runs: readonly Float32Array[], target: number, label: number): string | null {
  if (runs[0]?.[target] === undefined || target === label)
    return `the target ${target} is not another class of the model`;
  const reached = runs.filter((scores) => highest(scores) === target).length;
  if (2 * reached > runs.length) return null;
  return reached === 0
    ? `the original model predicts another class than the target ${target}`
    : `the original model predicts the target ${target} in ${reached} of ${runs.length} runs alone`;
}

async function scoresOf(model: VerifierModel, x: Float32Array, n: number): Promise<Float32Array> {
  const scores = n === 0 ? new Float32Array(0) : await model.predict(x);
  if (scores.length === n * model.classes) return scores;
  throw new RobustnessError(
    'attack/verify',
    `The model returned ${scores.length} scores for ${n} examples of ${model.classes} classes.`,
    'Check that the model is a classifier with one score a class.',
  );
}

function mostFrequent(predictions: readonly number[], classes: number): number {
  const votes = new Float32Array(classes);
  for (const prediction of predictions) votes[prediction]!++;
  return highest(votes);
}

function perturbation(a: Float32Array, b: Float32Array, { norm, channels = 1 }: AttackThreat): number {
  if (norm === 'edits') return editDistance(a, b);
  const change = Array.from(a, (value, i) => Math.abs(b[i]! - value));
  switch (norm) {
    case 'linf':
      return change.reduce((largest, c) => (c > largest || Number.isNaN(c) ? c : largest), 0);
    case 'l2':
      return Math.sqrt(change.reduce((sum, c) => sum + c * c, 0));
    case 'l1':
      return change.reduce((sum, c) => sum + c, 0);
    case 'l0':
      // Channel by channel, an example holds as many values as it has pixels.
      return new Set([...change.keys()].filter((i) => change[i] !== 0).map((i) => i % (a.length / channels))).size;
  }
}

function highest(scores: Float32Array): number {
  let best = 0;
  for (let k = 1; k < scores.length; k++) if (scores[k]! > scores[best]!) best = k;
  return best;
}
