import { intAttribute } from '../../onnx/attribute';
import { fromEnd, reduceSum, scatterFlat } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** The gradient goes to the element that won; of equal ones the first, as in PyTorch. */
const maxPool: Rule = (c) => {
  return [scatterFlat(c, 0, winners(c), c.g())];
};

/** Position of each window's first maximum in the flattened input. */
function winners(c: RuleContext): string {
  if (intAttribute(c.node, 'storage_order', 0) === 0) return c.extraOutput(1);
  // The node would count column by column: another counts row by row.
  const [, positions] = c.builder.ops('MaxPool', [c.x()], 2);
  c.builder.graph.node.at(-1)!.attribute = c.node.attribute.filter((a) => a.name !== 'storage_order');
  return positions!;
}

const spatialAxes = (c: RuleContext) => {
  const rank = c.shapeOf(0).length;
  return fromEnd(
    Array.from({ length: rank - 2 }, (_, i) => i + 2),
    rank,
  );
};

/** Ties share the gradient equally, as torch.amax does. */
const globalMax: Rule = (c) => {
  const winners = c.op('Cast', [c.op('Equal', [c.x(), c.y()])], { to: 1 });
  const ties = reduceSum(c.builder, winners, spatialAxes(c), true);
  return [c.op('Mul', [winners, c.op('Div', [c.g(), ties])])];
};

export const poolRules: RuleTable = {
  MaxPool: exact(maxPool),
  GlobalMaxPool: exact(globalMax),
};
