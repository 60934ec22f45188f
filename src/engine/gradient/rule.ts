import type { GraphBuilder } from '../onnx/builder';
import type { NodeProto } from '../onnx/generated/onnx_pb';
import type { Dim } from '../onnx/observe';
import type { Constant } from '../onnx/tensor';

/**
 * What a rule sees of one node. Names stand for tensors; shapes are those that a run showed.
 *
 * Gradients are float32, whatever the type of the tensor that they belong to. With several seeds they have one more axis
 * than their tensor, in front: [seeds, ...shape]. Tensors of the forward pass then broadcast against them as they are, and
 * axes counted from the end mean the same in both.
 */
export interface RuleContext {
  readonly node: NodeProto;
  readonly builder: GraphBuilder;
  /** How many seeds are carried through at once; null for one, without an axis of its own. */
  readonly seeds: number | null;
  /** Name of input i; of a float32 copy where it is one of the integers that quantised models take for real numbers. */
  x(i?: number): string;
  /** Name of output i; of a float32 copy where it is such an integer. */
  y(i?: number): string;
  /** Name of the gradient that arrives at output i; zero where nothing depends on it. */
  g(i?: number): string;
  /** Whether anything that depends on output i leads to the loss. */
  arrives(i: number): boolean;
  /** Whether input i lies on a path from a differentiated tensor. */
  needs(i: number): boolean;
  /** Observed shape of input i; a null dimension moves with the batch. */
  shapeOf(i: number): readonly Dim[];
  /** Observed shape of output i. */
  shapeOfOutput(i: number): readonly Dim[];
  /** Element type of input i, as ONNX Runtime names it: `float32`, `uint8` ... */
  typeOf(i: number): string | undefined;
  /** Element type of output i. */
  typeOfOutput(i: number): string | undefined;
  /** Input i where it is an initializer. */
  constant(i: number): Constant | undefined;
  /** Input i where it is a small integer tensor that is the same in every run. */
  integers(i: number): readonly number[] | undefined;
  /** Asks the node itself for one more of its optional outputs. */
  extraOutput(i: number): string;
  /** The rule of another operator, for one that is made of it. */
  ruleOf(operator: string): RuleEntry | undefined;
  /** Emits one operator. */
  op: GraphBuilder['op'];
  /** Gives up on this node: the gradient is unavailable, by the operator's name and this reason. */
  unavailable(reason: string): never;
}

/** The gradient for each input; undefined where none flows (or none is needed). */
export type Rule = (c: RuleContext) => readonly (string | undefined)[];

/**
 * dy/dx of a function applied to each element, in the shape of x: a float tensor, or a condition where it is 1 or 0.
 */
export type Slope = (c: RuleContext) => string | { readonly where: string };

export interface RuleEntry {
  readonly rule: Rule;
  /**
   * `exact`: the derivative (at kinks, the choice that PyTorch makes). `straight-through`: the operator has no useful
   * derivative, and an estimate stands in (Bengio et al. 2013; BPDA, Athalye et al. 2018). `zero`: the derivative is zero
   * wherever it exists, and nothing useful stands in.
   */
  readonly kind: 'exact' | 'straight-through' | 'zero';
  /**
   * Inputs in each of which the operator is linear while the others are held: there its rule is an adjoint that does not
   * look at the input's value, and backward bound propagation uses it as it is.
   */
  readonly linearIn: 'all' | readonly number[];
  /** For a function of each element: what bound propagation replaces by the slope of a relaxation. */
  readonly slope: Slope | undefined;
  /** The rule returns gradients of the output's shape, and the builder sums them down to each input's. */
  readonly broadcasts: boolean;
}

export type RuleTable = Readonly<Record<string, RuleEntry>>;

const entry = (rule: Rule, kind: RuleEntry['kind'], rest: Partial<RuleEntry> = {}): RuleEntry => ({
  rule,
  kind,
  linearIn: [],
  slope: undefined,
  broadcasts: false,
  ...rest,
});

/** The transpose of a linear operator. */
export const adjoint = (rule: Rule, linearIn: RuleEntry['linearIn'] = 'all'): RuleEntry =>
  entry(rule, 'exact', { linearIn });

/** The transpose of a linear operator that broadcasts its inputs against each other. */
export const broadcastAdjoint = (rule: Rule, linearIn: RuleEntry['linearIn'] = 'all'): RuleEntry =>
  entry(rule, 'exact', { linearIn, broadcasts: true });

/** A nonlinear function of each element of its first input. */
export const pointwise = (slope: Slope): RuleEntry => entry((c) => [times(c, c.g(), slope(c))], 'exact', { slope });

/** Any other nonlinear operator. */
export const exact = (rule: Rule): RuleEntry => entry(rule, 'exact');

/** A nonlinear operator that broadcasts its inputs against each other. */
export const elementwise = (rule: Rule): RuleEntry => entry(rule, 'exact', { broadcasts: true });

export const straightThrough = (rule: Rule): RuleEntry => entry(rule, 'straight-through');

export const zero: RuleEntry = entry(() => [], 'zero');

/** g ⊙ slope. */
export function times(c: RuleContext, g: string, slope: ReturnType<Slope>): string {
  return typeof slope === 'string' ? c.op('Mul', [g, slope]) : c.op('Where', [slope.where, g, c.builder.scalar(0)]);
}
