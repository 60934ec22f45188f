import { RobustnessError } from '../error';
import type { AttackThreat } from './types';
import { refusal, type VerifierModel } from './verify';

export interface OutputVerification {
  /** [n]: why a point was refused, in words; null where it counts. */
  readonly reasons: readonly (string | null)[];
  /** [n, outputs]: what the original model gives, whatever the attack said. */
  readonly outputs: Float32Array;
}

/**
 * Checks points that attacks on outputs return: their values lie in the ball and the bounds, and the numbers that are reported
 * are computed by the original model, not taken from the attack.
 *
 * @param x [n, ...exampleShape], as are the points
 */
export async function verifyOutputs(
  model: VerifierModel,
  x: Float32Array,
  points: Float32Array,
  threat: AttackThreat,
): Promise<OutputVerification> {
  const { exampleSize: size, classes: outputs } = model;
  const n = x.length / size;
  if (points.length !== x.length || !Number.isInteger(n)) {
    throw new RobustnessError(
      'attack/verify',
      `The verifier was given ${x.length} clean and ${points.length} changed values of examples of ${size}.`,
      'Give as many of either kind.',
    );
  }
  const values = n === 0 ? new Float32Array(0) : await model.predict(points);
  if (values.length !== n * outputs) {
    throw new RobustnessError(
      'attack/verify',
      `The model returned ${values.length} numbers for ${n} examples of ${outputs} outputs.`,
      'Check that the model gives the same outputs for every example.',
    );
  }
  const reasons = Array.from({ length: n }, (_, i) => {
    const row = (rows: Float32Array, width: number) => rows.subarray(i * width, (i + 1) * width);
    const reason = refusal(row(x, size), row(points, size), threat, model.free);
    if (reason !== null) return reason;
    return row(values, outputs).every(Number.isFinite) ? null : 'the original model gives outputs that are not finite';
  });
  return { reasons, outputs: values };
}
