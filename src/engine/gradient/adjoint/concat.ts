import { intAttribute } from '../../onnx/attribute';
import type { Dim } from '../../onnx/observe';
import { zeroGradient } from '../emit';
import type { Rule } from '../rule';
import { axisFromEnd, padAxis, sizeAt } from './axis';

/** Each input gets its stretch of the gradient. */
export const concat: Rule = (c) => {
  const b = c.builder;
  const inputs = c.node.input.map((_, i) => i);
  const axis = axisFromEnd(c, intAttribute(c.node, 'axis', 0));
  const dims = inputs.map((i) => c.shapeOf(i).at(axis)!);
  const sizes = numbers(dims);
  if (inputs.length === 1) return [c.g()];
  const wanted = inputs.filter((i) => c.needs(i));
  if (wanted.length < inputs.length && wanted.length <= 2 && sizes) {
    const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, size) => a + size, 0));
    return inputs.map((i) => {
      if (!c.needs(i)) return undefined;
      const [from, to] = [starts[i]!, starts[i]! + sizes[i]!];
      return b.op('Slice', [c.g(), b.ints([from]), b.ints([to]), b.ints([axis])]);
    });
  }
  const lengths = sizes
    ? b.ints(sizes)
    : b.op(
        'Concat',
        dims.map((size, i) => (size === null ? sizeAt(c, c.x(i), axis) : b.ints([size]))),
        { axis: 0 },
      );
  const parts = b.ops('Split', [c.g(), lengths], inputs.length, { axis });
  return inputs.map((i) => (c.needs(i) ? parts[i] : undefined));
};

/** The parts' gradients side by side; zeros where nothing depends on a part. */
export const split: Rule = (c) => {
  const axis = axisFromEnd(c, intAttribute(c.node, 'axis', 0));
  const outputs = c.node.output.map((_, i) => i);
  const [only, ...others] = outputs.filter((i) => c.arrives(i));
  if (only !== undefined && others.length === 0 && outputs.every((i) => c.node.output[i] !== '')) {
    const sizes = numbers(outputs.map((i) => c.shapeOfOutput(i).at(axis)!));
    const sum = (some: readonly number[]) => some.reduce((a, size) => a + size, 0);
    if (sizes) return [padAxis(c, c.g(only), axis, sum(sizes.slice(0, only)), sum(sizes.slice(only + 1)))];
  }
  const parts = outputs.map((i) => (c.arrives(i) ? c.g(i) : zeroGradient(c, c.extraOutput(i))));
  return [parts.length === 1 ? parts[0] : c.op('Concat', parts, { axis })];
};

function numbers(dims: readonly Dim[]): number[] | undefined {
  return dims.some((dim) => dim === null) ? undefined : dims.map(Number);
}
