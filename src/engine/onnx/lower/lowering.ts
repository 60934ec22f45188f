import type { GraphBuilder } from '../builder';
import type { NodeProto } from '../generated/onnx_pb';
import type { Dim } from '../observe';
import type { Constant } from '../tensor';

/** What a lowering sees of one node. */
export interface LoweringContext {
  readonly node: NodeProto;
  /** Appends in the place of the node. */
  readonly builder: GraphBuilder;
  /** Name of input i; '' where it is left out. */
  x(i?: number): string;
  /** Whether input i is there. */
  has(i: number): boolean;
  /** Observed shape of input i; a null dimension moves with the batch. */
  shapeOf(i: number): readonly Dim[];
  shapeOfOutput(i: number): readonly Dim[];
  /** Element type of input i as it was observed (`float32`, `bool` ...); an initializer's as it is read: bool as `int64`. */
  typeOf(i: number): string | undefined;
  /** Input i where it is an initializer. */
  constant(i: number): Constant | undefined;
  /** Input i where it is a small integer tensor that is the same in every run. */
  integers(i: number): readonly number[] | undefined;
  op: GraphBuilder['op'];
  /** Leaves the node as it is; why goes into the gradient's status. */
  leave(reason: string): never;
}

/**
 * Computes a node's outputs by operators that the rule table has: [name of output 0, ...]; undefined for an output that
 * nothing asks for. The numbers are the node's own up to rounding, which is checked against the original model.
 */
export type Lowering = (c: LoweringContext) => readonly (string | undefined)[];

/** Lowerings by operator name (`com.microsoft:FastGelu`). */
export type LoweringTable = Readonly<Record<string, Lowering>>;

/** An operator between inputs and outputs that stays as it is, without a gradient, and why. */
export interface Left {
  /** As {@link operatorName} writes it. */
  readonly operator: string;
  /** Of the node; '' where it has none. */
  readonly name: string;
  /** A clause: "its trip count depends on the data". */
  readonly reason: string;
}
