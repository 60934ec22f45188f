import { create } from '@bufbuild/protobuf';
import { type NodeProto, NodeProtoSchema } from '../../../onnx/generated/onnx_pb';
import { unbroadcast } from '../../emit';
import { type RuleContext, type RuleEntry, straightThrough } from '../../rule';
import { type Affine, dequantised, given, perInteger, perReal, throughRectifier } from './affine';

/** An input of the operator on real numbers: where it stands among the quantised node's inputs. */
export interface Operand extends Affine {
  readonly at: number;
}

/** How a quantised operator is one on real numbers, between dequantising and quantising. */
export interface Realisation {
  /** The operator on real numbers, which has a rule of its own. */
  readonly op: string;
  readonly operands: readonly Operand[];
  /** Scale and zero point of the output; neither where it is not quantised. */
  readonly output?: Affine;
  /** The node's attributes that the operator on real numbers takes over. */
  readonly attributes?: readonly string[];
  /** A rectifier may have been fused into the operator. */
  readonly rectifies?: true;
}

/** The rule of a quantised operator: that of the operator on real numbers, at the dequantised inputs. */
export function asReal(realise: (c: RuleContext) => Realisation): RuleEntry {
  return straightThrough((c) => {
    const r = realise(c);
    const entry = c.ruleOf(r.op) ?? c.unavailable(`${r.op} has no differentiation rule`);
    const gradients: (string | undefined)[] = c.node.input.map(() => undefined);
    entry.rule(realContext(c, r)).forEach((gradient, i) => {
      const operand = r.operands[i];
      if (gradient === undefined || operand === undefined || !c.needs(operand.at)) return;
      const shape = c.shapeOf(operand.at);
      const fitted = entry.broadcasts
        ? unbroadcast(c, gradient, c.shapeOfOutput(0), shape, c.node.input[operand.at]!)
        : gradient;
      gradients[operand.at] = perInteger(c, fitted, operand, shape.length);
    });
    return gradients;
  });
}

/** The quantised node, as the rule of the operator on real numbers sees it. */
function realContext(c: RuleContext, r: Realisation): RuleContext {
  const at = (i: number) => r.operands[i]?.at ?? -1;
  const inputs = r.operands.map((operand) => once(() => dequantised(c, operand.at, operand)));
  const node = create(NodeProtoSchema, {
    name: c.node.name,
    opType: r.op,
    input: r.operands.map((operand) => c.node.input[operand.at] ?? ''),
    output: [c.node.output[0]!],
    attribute: c.node.attribute.filter(({ name }) => r.attributes?.includes(name)),
  });
  const output = once(() => computedAgain(c, node, inputs));
  const gradient = once(() => arriving(c, r));
  return {
    ...c,
    node,
    x: (i = 0) => inputs[i]!(),
    y: output,
    g: gradient,
    arrives: (i) => i === 0 && c.arrives(0),
    needs: (i) => c.needs(at(i)),
    shapeOf: (i) => c.shapeOf(at(i)),
    typeOf: () => 'float32',
    typeOfOutput: () => 'float32',
    constant: (i) => (c.typeOf(at(i)) === 'float32' ? c.constant(at(i)) : undefined),
    integers: () => undefined,
    extraOutput: () => c.unavailable('it has no such output'),
  };
}

/** The gradient with respect to the number that the output stands for. */
function arriving(c: RuleContext, { output, rectifies }: Realisation): string {
  if (!output || !given(c, output.scale)) return c.g();
  const whole = perReal(c, c.g(), output, c.shapeOfOutput(0).length);
  return rectifies ? throughRectifier(c, whole, output.zero) : whole;
}

/** The output that a rule reads: 8 bits hold it too coarsely (a softmax at saturation, the side of a kink). */
function computedAgain(c: RuleContext, node: NodeProto, inputs: readonly (() => string)[]): string {
  const output = c.builder.fresh(node.opType);
  const input = inputs.map((dequantise) => dequantise());
  c.builder.graph.node.push(
    create(NodeProtoSchema, { name: output, opType: node.opType, input, output: [output], attribute: node.attribute }),
  );
  return output;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
