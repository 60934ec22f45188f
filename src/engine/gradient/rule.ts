import type { GraphBuilder } from '../onnx/builder';
import type { NodeProto } from '../onnx/generated/onnx_pb';
import type { Dim } from '../onnx/observe';
import type { Constant } from '../onnx/tensor';

/**
 * What a rule sees of one node. Names stand for tensors; shapes are those that a run showed.
 */
export interface RuleContext {
  readonly node: NodeProto;
  readonly builder: GraphBuilder;
  /** Name of input i. */
  x(i?: number): string;
  /** Name of output i. */
  y(i?: number): string;
  /** Name of the gradient that arrives at output i; zero where nothing depends on it. */
  g(i?: number): string;
  /** Whether anything that depends on output i leads to the loss. */
  arrives(i: number): boolean;
  /** Whether input i lies on a path from the differentiated input. */
  needs(i: number): boolean;
  /** Observed shape of input i; a null dimension moves with the batch. */
  shapeOf(i: number): readonly Dim[];
  /** Observed shape of output i. */
  shapeOfOutput(i: number): readonly Dim[];
  /** Input i where it is an initializer. */
  constant(i: number): Constant | undefined;
  /** Input i where it is a small integer tensor that is the same in every run. */
  integers(i: number): readonly number[] | undefined;
  /** Asks the node itself for one more of its optional outputs. */
  extraOutput(i: number): string;
  /** Emits one operator. */
  op: GraphBuilder['op'];
  /** Gives up on this node: the gradient is unavailable, by the operator's name and this reason. */
  unavailable(reason: string): never;
}

/** The gradient for each input; undefined where none flows (or none is needed). */
export type Rule = (c: RuleContext) => readonly (string | undefined)[];

export interface RuleEntry {
  readonly rule: Rule;
  /**
   * `exact`: the derivative (at kinks, the choice that PyTorch makes). `straight-through`: the operator has no useful
   * derivative, and an estimate stands in (Bengio et al. 2013; BPDA, Athalye et al. 2018). `zero`: the derivative is zero
   * wherever it exists, and nothing useful stands in.
   */
  readonly kind: 'exact' | 'straight-through' | 'zero';
  /** The rule returns gradients of the output's shape, and the builder sums them down to each input's. */
  readonly broadcasts: boolean;
}

export type RuleTable = Readonly<Record<string, RuleEntry>>;

export const exact = (rule: Rule): RuleEntry => ({ rule, kind: 'exact', broadcasts: false });

/** An operator that broadcasts its inputs against each other. */
export const elementwise = (rule: Rule): RuleEntry => ({ rule, kind: 'exact', broadcasts: true });

export const straightThrough = (rule: Rule): RuleEntry => ({ rule, kind: 'straight-through', broadcasts: false });

export const zero: RuleEntry = { rule: () => [], kind: 'zero', broadcasts: false };
