import type { DataGraph } from '../dataGraph';

/**
 * What the numbers are that a member's file returns: `logits`, their `probabilities`, or the logarithms of these; `shares` are of separate sigmoids, which
 * need not sum to 1; `plain-probabilities` sum to 1 without a softmax that could be stepped over (forests, exporters of classical
 * models); `labels` are one-hot rows of a file that names classes alone; `outputs` are those of a regression, as they are.
 */
export const scales = [
  'logits',
  'probabilities',
  'log-probabilities',
  'shares',
  'plain-probabilities',
  'labels',
  'outputs',
] as const;
export type Scale = (typeof scales)[number];

/** How far from 1 the sum of rounded probabilities may be. */
const rounding = 2e-3;

/**
 * @param rows [n, classes] that the untouched file gave for trial examples
 * @param raw whether outputs are taken as they are
 */
export function scaleOf(
  { head, labels, classes, observation }: Pick<DataGraph, 'head' | 'labels' | 'classes' | 'observation'>,
  rows: Float32Array,
  raw: boolean,
): Scale {
  if (raw) return 'outputs';
  if (labels) return 'labels';
  if (head.bypassed === 'Softmax') return 'probabilities';
  if (head.bypassed === 'LogSoftmax') return 'log-probabilities';
  if (head.bypassed === 'Sigmoid') {
    const units = (observation.shape(head.tensor) ?? []).reduce<number>((product, dim) => product * (dim ?? 1), 1);
    return units === 1 ? 'probabilities' : 'shares';
  }
  return head.bypassed === null && areProbabilities(rows, classes) ? 'plain-probabilities' : 'logits';
}

function areProbabilities(rows: Float32Array, classes: number): boolean {
  for (let at = 0; at < rows.length; at += classes) {
    let sum = 0;
    for (let k = at; k < at + classes; k++) {
      const value = rows[k]!;
      if (!(value >= 0 && value <= 1 + rounding)) return false;
      sum += value;
    }
    if (!(Math.abs(sum - 1) <= rounding)) return false;
  }
  return rows.length > 0;
}
