import { floatAttribute, hasAttribute, intAttribute, stringAttribute } from '../attribute';
import { cutEvenly, joinAll } from './fan';
import type { LoweringContext, LoweringTable } from './lowering';
import { type Activation, activationsOf } from './recurrentActivation';

/**
 * Steps that are unrolled. ONNX Runtime 1.30 took 3 s of processor time to load the gradient of an LSTM of 200 steps, and
 * 16 s for 512 (14,900 nodes), of which 13 s went into optimisations that find nothing.
 */
const maxSteps = 512;

/** What one direction holds while it is unrolled. Tensors of a step are [batch, …]. */
export interface Direction {
  readonly c: LoweringContext;
  readonly hidden: number;
  /** [gates·hidden, hidden]. */
  readonly recurrence: string;
  /** [gates·hidden] of the recurrence, where it is not part of the input's projection. */
  readonly recurrenceBias: string | undefined;
  /** [3·hidden], of LSTM. */
  readonly peepholes: string | undefined;
  readonly activations: readonly Activation[];
  /** Bounds the argument of a gate's function. */
  readonly clip: (x: string) => string;
}

export interface State {
  /** [batch, hidden]; undefined for zeros. */
  readonly hidden: string | undefined;
  readonly cell: string | undefined;
}

/** One step: from the input's projection [batch, gates·hidden] and the state before it to the state after. */
export type Step = (projected: string, before: State) => { hidden: string; cell?: string };

export interface Kind {
  readonly gates: number;
  readonly activations: readonly string[];
  /** Emits what all steps share, and gives what emits one. */
  begin(d: Direction): Step;
  /** Whether the recurrence's bias is kept apart (GRU with linear_before_reset). */
  biasApart(c: LoweringContext): boolean;
}

/**
 * A recurrent layer step by step: one product projects the inputs of all steps, cut into steps afterwards; each step adds
 * one product with the state. Weights stay tensors of the graph, so that gradients reach them.
 *
 * Nothing is written down that depends on the batch, which may still be made dynamic.
 */
export function unrollRecurrent(c: LoweringContext, kind: Kind): (string | undefined)[] {
  const layout = intAttribute(c.node, 'layout', 0);
  const steps =
    c.shapeOf(0)[layout === 1 ? 1 : 0] ?? c.leave('the length of its sequence moves with the number of examples');
  if (steps > maxSteps) c.leave(`its sequence has ${steps} steps; ${maxSteps} are unrolled at most`);
  if (steps === 0) c.leave('its sequence is empty');
  const hidden = c.shapeOf(2)[2] ?? c.leave('its weights have no constant size');
  const orders = ordersOf(c, steps);
  const count = orders.length;
  const activations = activationsOf(c, kind.activations, count);
  const parts = (i: number, axis = 0) => (c.has(i) ? perDirection(c, c.x(i), count, axis) : []);
  const weights = cutEvenly(c.builder, c.x(1), 0, count, 1);
  const recurrences = parts(2);
  const biases = parts(3);
  const stateAxis = layout === 1 ? 1 : 0;
  const initialHidden = isZero(c, 5) ? [] : parts(5, stateAxis);
  const lstm = kind.activations.length === 3;
  const initialCell = !lstm || isZero(c, 6) ? [] : parts(6, stateAxis);
  const peepholes = lstm ? parts(7) : [];
  const clip = clipping(c);
  // [batch, steps, features]: a row of the projection then holds one example's steps side by side.
  const x = layout === 1 ? c.x() : c.op('Transpose', [c.x()], { perm: [1, 0, 2] });
  const masks = masksOf(c, steps);

  const results = orders.map((order, d) => {
    const size = kind.gates * hidden;
    const bias = biasesOf(c, biases[d], kind.biasApart(c), size);
    // Weights in three axes, [1, features, gates·hidden], keep the batch an axis of its own in the gradient too.
    const product = c.op('MatMul', [x, c.op('Transpose', [weights[d]!], { perm: [0, 2, 1] })]);
    const projected = bias.input ? c.op('Add', [product, bias.input]) : product;
    const beside = c.op('Reshape', [projected, c.builder.ints([0, steps * size])]);
    const inputs = cutEvenly(c.builder, beside, 1, steps, size);
    const direction: Direction = {
      c,
      hidden,
      recurrence: recurrences[d]!,
      recurrenceBias: bias.recurrence,
      peepholes: peepholes[d],
      activations: activations.slice(d * kind.activations.length, (d + 1) * kind.activations.length),
      clip,
    };
    const step = kind.begin(direction);
    let state: State = { hidden: initialHidden[d], cell: initialCell[d] };
    const outputs = Array<string>(steps);
    for (const t of order) {
      const after = step(inputs[t]!, state);
      const keep = (now: string, before: string | undefined) =>
        masks ? c.op('Where', [masks[t]!, now, before ?? c.builder.scalar(0)]) : now;
      outputs[t] = keep(after.hidden, undefined);
      state = {
        hidden: state.hidden === undefined ? outputs[t] : keep(after.hidden, state.hidden),
        cell: after.cell === undefined ? undefined : keep(after.cell, state.cell),
      };
    }
    return { outputs, ...state };
  });
  const asked = (i: number) => (c.node.output[i] ?? '') !== '';
  const last = (tensors: readonly string[]) => stack(c, tensors, stateAxis);
  return [
    asked(0) ? sequence(c, results, steps, hidden, layout) : undefined,
    asked(1) ? last(results.map((result) => result.hidden!)) : undefined,
    asked(2) ? last(results.map((result) => result.cell!)) : undefined,
  ];
}

/** The order of the steps in each direction. */
function ordersOf(c: LoweringContext, steps: number): number[][] {
  const forward = Array.from({ length: steps }, (_, t) => t);
  const direction = stringAttribute(c.node, 'direction', 'forward');
  const orders = new Map([
    ['forward', [forward]],
    ['reverse', [forward.toReversed()]],
    ['bidirectional', [forward, forward.toReversed()]],
  ]);
  return orders.get(direction) ?? c.leave(`its direction "${direction}" is not known`);
}

function perDirection(c: LoweringContext, tensor: string, count: number, axis: number): string[] {
  return cutEvenly(c.builder, tensor, axis, count, 1).map((part) => c.op('Squeeze', [part, c.builder.ints([axis])]));
}

/** A state that is left out, or constant zeros, which exporters write with a batch of 1. */
function isZero(c: LoweringContext, i: number): boolean {
  return c.constant(i)?.data.every((value) => Number(value) === 0) ?? false;
}

function clipping(c: LoweringContext): (x: string) => string {
  if (!hasAttribute(c.node, 'clip')) return (x) => x;
  const bound = floatAttribute(c.node, 'clip', 0);
  return (x) => c.op('Clip', [x, c.builder.scalar(-bound), c.builder.scalar(bound)]);
}

/** [Wb, Rb] joined to one bias of the projection, or kept apart. */
function biasesOf(c: LoweringContext, both: string | undefined, apart: boolean, size: number) {
  if (both === undefined) return { input: undefined, recurrence: undefined };
  const [input, recurrence] = splitRows(c, both, [size, size]);
  return apart ? { input, recurrence } : { input: c.op('Add', [input!, recurrence!]), recurrence: undefined };
}

/** Per step, [batch, 1]: whether the step lies within the example's sequence. Undefined where all are of full length. */
function masksOf(c: LoweringContext, steps: number): string[] | undefined {
  if (!c.has(4) || c.constant(4)?.data.every((length) => Number(length) === steps)) return undefined;
  const lengths = c.op('Unsqueeze', [c.op('Cast', [c.x(4)], { to: 7 }), c.builder.ints([1])]);
  return Array.from({ length: steps }, (_, t) => c.op('Greater', [lengths, c.builder.intScalar(t)]));
}

function stack(c: LoweringContext, tensors: readonly string[], axis: number): string {
  const rows = tensors.map((tensor) => c.op('Unsqueeze', [tensor, c.builder.ints([axis])]));
  return joinAll(c.builder, rows, axis);
}

/** Y: [steps, directions, batch, hidden], or [batch, steps, directions, hidden] in layout 1. */
function sequence(
  c: LoweringContext,
  results: readonly { readonly outputs: readonly string[] }[],
  steps: number,
  hidden: number,
  layout: number,
): string {
  const directions = results.map(({ outputs }) => {
    const beside = joinAll(c.builder, outputs, 1);
    return c.op('Reshape', [beside, c.builder.ints([0, steps, 1, hidden])]);
  });
  const all = joinAll(c.builder, directions, 2);
  return layout === 1 ? all : c.op('Transpose', [all], { perm: [1, 2, 0, 3] });
}

/** h·Rᵀ + c; c alone where the state is zero. */
export function recur(d: Direction, hidden: string | undefined, recurrence: string, c: string): string {
  return hidden === undefined ? c : d.c.op('Gemm', [hidden, recurrence, c], { transB: 1 });
}

const split = (axis: number) => (c: LoweringContext, tensor: string, sizes: readonly number[]) =>
  c.builder.ops('Split', [tensor, c.builder.ints(sizes)], sizes.length, { axis });
const splitRows = split(0);
const splitLast = split(-1);

/** H = f(X·Wᵀ + H·Rᵀ + b). */
const rnn = (d: Direction): Step => {
  const [activation] = d.activations as [Activation];
  return (projected, { hidden }) => ({ hidden: activation(d.clip(recur(d, hidden, d.recurrence, projected))) });
};

/** Gates in the order z, r, h. */
const gru = (d: Direction): Step => {
  const { c, hidden } = d;
  const [gate, candidate] = d.activations as [Activation, Activation];
  const sizes = [2 * hidden, hidden];
  const gates = (sum: string) => splitLast(c, gate(d.clip(sum)), [hidden, hidden]) as [string, string];
  // H = (1 − z)·h̃ + z·H.
  const mixed = (z: string, proposed: string, before: string | undefined) => {
    const change = before === undefined ? c.op('Neg', [proposed]) : c.op('Sub', [before, proposed]);
    return { hidden: c.op('Add', [proposed, c.op('Mul', [z, change])]) };
  };
  if (intAttribute(c.node, 'linear_before_reset', 0) !== 0) {
    const bias = d.recurrenceBias;
    return (projected, { hidden: before }) => {
      const [xGates, xCandidate] = splitLast(c, projected, sizes) as [string, string];
      const product = before && c.op('Gemm', [before, d.recurrence, ...(bias ? [bias] : [])], { transB: 1 });
      const own = product ?? bias;
      const [hGates, hCandidate] = own ? splitLast(c, own, sizes) : [];
      const [z, r] = gates(hGates ? c.op('Add', [xGates, hGates]) : xGates);
      const sum = hCandidate ? c.op('Add', [xCandidate, c.op('Mul', [r, hCandidate])]) : xCandidate;
      return mixed(z, candidate(d.clip(sum)), before);
    };
  }
  const [forGates, forCandidate] = splitRows(c, d.recurrence, sizes) as [string, string];
  return (projected, { hidden: before }) => {
    const [xGates, xCandidate] = splitLast(c, projected, sizes) as [string, string];
    const [z, r] = gates(recur(d, before, forGates, xGates));
    const kept = before && c.op('Mul', [r, before]);
    return mixed(z, candidate(d.clip(recur(d, kept, forCandidate, xCandidate))), before);
  };
};

/** Gates in the order i, o, f, c. */
const lstm = (d: Direction): Step => {
  const { c, hidden } = d;
  const [gate, candidate, squash] = d.activations as [Activation, Activation, Activation];
  const coupled = intAttribute(c.node, 'input_forget', 0) !== 0;
  const cellOf = (input: string, forget: string | undefined, proposed: string, before: string | undefined) => {
    const added = c.op('Mul', [input, proposed]);
    if (before === undefined) return added;
    const kept = forget ?? c.op('Sub', [c.builder.scalar(1), input]);
    return c.op('Add', [c.op('Mul', [kept, before]), added]);
  };
  if (d.peepholes === undefined) {
    return (projected, before) => {
      const sums = d.clip(recur(d, before.hidden, d.recurrence, projected));
      const [gates, proposal] = splitLast(c, sums, [3 * hidden, hidden]) as [string, string];
      const [input, output, forget] = splitLast(c, gate(gates), [hidden, hidden, hidden]) as [string, string, string];
      const cell = cellOf(input, coupled ? undefined : forget, candidate(proposal), before.cell);
      return { cell, hidden: c.op('Mul', [output, squash(cell)]) };
    };
  }
  const [pi, po, pf] = splitLast(c, d.peepholes, [hidden, hidden, hidden]) as [string, string, string];
  const seeing = (sum: string, cell: string | undefined, peephole: string) =>
    gate(d.clip(cell === undefined ? sum : c.op('Add', [sum, c.op('Mul', [cell, peephole])])));
  return (projected, before) => {
    const sums = recur(d, before.hidden, d.recurrence, projected);
    const [i, o, f, proposal] = splitLast(c, sums, [hidden, hidden, hidden, hidden]) as [
      string,
      string,
      string,
      string,
    ];
    const input = seeing(i, before.cell, pi);
    const forget = coupled ? undefined : seeing(f, before.cell, pf);
    const cell = cellOf(input, forget, candidate(d.clip(proposal)), before.cell);
    return { cell, hidden: c.op('Mul', [seeing(o, cell, po), squash(cell)]) };
  };
};

const together = () => false;

/** Recurrent layers, unrolled over the length that their sequence was seen to have. */
export const recurrentLowerings: LoweringTable = {
  RNN: (c) => unrollRecurrent(c, { gates: 1, activations: ['Tanh'], begin: rnn, biasApart: together }),
  GRU: (c) =>
    unrollRecurrent(c, {
      gates: 3,
      activations: ['Sigmoid', 'Tanh'],
      begin: gru,
      biasApart: () => intAttribute(c.node, 'linear_before_reset', 0) !== 0,
    }),
  LSTM: (c) =>
    unrollRecurrent(c, { gates: 4, activations: ['Sigmoid', 'Tanh', 'Tanh'], begin: lstm, biasApart: together }),
};
