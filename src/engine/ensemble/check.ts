import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import { trialExamples } from '../onnx/batch';
import { GraphProtoSchema, ValueInfoProtoSchema } from '../onnx/generated/onnx_pb';
import { dataInput } from '../onnx/preprocess';
import { elementCount } from '../onnx/tensor';
import { modelBytes } from '../onnx/write';
import type { OriginalModel } from '../original';
import { createSession, floats } from '../runtime';
import { combineScores, type Rule } from './combine';
import type { MergedGraph, MergeMember } from './merge';
import type { Scale } from './scale';

export interface CheckedMember extends MergeMember {
  readonly original: Pick<OriginalModel, 'predict'>;
  /** By how much its own rewritten graph may differ from its file, of the largest score. */
  readonly tolerance: number;
  /** Its scores differ from run to run: nothing can be held against them. */
  readonly random: boolean;
}

const trials = 4;
/** Of the combination, which is computed from the same numbers in float32 and in float64. */
const roundingOfCombination = 1e-4;

/**
 * Holds the graph of all members against their own files before anything is attacked: each member's scores in it against what
 * its untouched file gives, and the combined scores against the same formula in TypeScript.
 *
 * @param data [n, ...example] examples in data space; random ones are tried beside them
 * @throws RobustnessError `model/ensemble-differs`, with the names of the members
 */
export async function checkMerged(
  { data, logits }: MergedGraph,
  members: readonly CheckedMember[],
  rule: Rule,
  given: Float32Array,
): Promise<void> {
  const { from } = data.plan;
  const size = elementCount(from);
  const random = trialExamples(members[0]!.input, size, trials, 'ensemble');
  const x = new Float32Array(given.length + random.length);
  x.set(given);
  x.set(random, given.length);
  const combined = data.decision ?? data.logits;
  const inGraph = await outputsOf(data, [...logits, combined], x);
  const odd: string[] = [];
  for (const [m, member] of members.entries()) {
    if (member.random) continue;
    const own = await member.original.predict(x);
    if (!same(inGraph[m]!, own, member.scale, data.classes, member.tolerance)) odd.push(member.name);
  }
  if (odd.length > 0) {
    throw new RobustnessError(
      'model/ensemble-differs',
      `In the graph of all members, ${odd.join(' and ')} ${odd.length === 1 ? 'gives' : 'give'} other scores than the file by itself.`,
      'Evaluate the member alone (`robustness inspect`) to see what it is made of, and export it with other settings.',
    );
  }
  const asReturned = inGraph.slice(0, -1).map((rows, m) => returned(rows, rule.scales[m]!, data.classes));
  const expected = combineScores(asReturned, data.classes, {
    ...rule,
    scales: rule.scales.map((scale) => (scale === 'probabilities' ? 'logits' : scale)),
  });
  const scale: Scale = rule.scales[0] === 'outputs' ? 'outputs' : 'logits';
  if (members.some((member) => member.random)) return;
  if (differs(inGraph.at(-1)!, expected, data.classes, scale, roundingOfCombination)) {
    throw new RobustnessError(
      'model/ensemble-differs',
      `The combined scores of ${members.map(({ name }) => name).join(', ')} in the graph differ from those of the formula.`,
      'Evaluate the members one by one to see whether their scores are finite.',
    );
  }
}

async function outputsOf(
  data: MergedGraph['data'],
  names: readonly string[],
  x: Float32Array,
): Promise<Float32Array[]> {
  const { from } = data.plan;
  const size = elementCount(from);
  const graph = create(GraphProtoSchema, {
    ...data.graph,
    output: names.map((name) => create(ValueInfoProtoSchema, { name })),
  });
  const session = await createSession(modelBytes(data.model, graph), { frugal: data.large });
  try {
    const n = x.length / size;
    const step = data.batched ? n : 1;
    const all = names.map(() => new Float32Array(n * data.classes));
    for (let at = 0; at < n; at += step) {
      const out = await session.run({ [dataInput]: floats(x.slice(at * size, (at + step) * size), [step, ...from]) });
      for (const [i, name] of names.entries()) all[i]!.set(out[name]!.data as Float32Array, at * data.classes);
    }
    return all;
  } finally {
    await session.release();
  }
}

/** A member's logits in the graph as its file would return them, but for the softmax. */
function returned(rows: Float32Array, scale: Scale, classes: number): Float32Array {
  if (scale === 'shares') return rows.map((z) => 1 / (1 + Math.exp(-z)));
  if (scale !== 'labels') return rows;
  const hot = new Float32Array(rows.length);
  for (let at = 0; at < rows.length; at += classes) hot[at + highest(rows, at, classes)] = 1;
  return hot;
}

/** Whether a member's logits in the graph say what its file says. */
function same(inGraph: Float32Array, own: Float32Array, scale: Scale, classes: number, tolerance: number): boolean {
  if (inGraph.length !== own.length) return false;
  const rows = returned(inGraph, scale, classes);
  if (scale === 'log-probabilities') return !differs(rows, own, classes, 'logits', tolerance);
  if (scale === 'probabilities') return !differs(rows, own.map(Math.log), classes, 'logits', tolerance);
  return !differs(rows, own, classes, 'outputs', tolerance);
}

/** Of logits the probabilities are compared, of anything else the numbers, relative to the largest. */
function differs(a: Float32Array, b: Float32Array, classes: number, scale: Scale, tolerance: number): boolean {
  const [p, q] = scale === 'logits' ? [probabilities(a, classes), probabilities(b, classes)] : [a, b];
  if (p.length !== q.length) return true;
  let largest = 1e-6;
  for (let i = 0; i < q.length; i++) largest = Math.max(largest, Math.abs(q[i]!));
  for (let i = 0; i < q.length; i++) if (!(Math.abs(p[i]! - q[i]!) <= tolerance * largest)) return true;
  return false;
}

function probabilities(rows: Float32Array, classes: number): Float64Array {
  const result = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at += classes) {
    const top = rows[at + highest(rows, at, classes)]!;
    let sum = 0;
    for (let k = at; k < at + classes; k++) sum += result[k] = Math.exp(rows[k]! - top);
    for (let k = at; k < at + classes; k++) result[k]! /= sum;
  }
  return result;
}

function highest(rows: Float32Array, at: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) if (rows[at + k]! > rows[at + best]!) best = k;
  return best;
}
