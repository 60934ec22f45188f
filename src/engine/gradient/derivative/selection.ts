import { hasAttribute, intAttribute } from '../../onnx/attribute';
import { axisFromEnd, indicesWithSeeds, sizeAt, untakeDistinct } from '../adjoint/axis';
import { gradientLike, zeroGradient } from '../emit';
import { exact, type Rule, type RuleTable } from '../rule';
import { determinantRules } from './determinant';
import { scatterElements, scatterND } from './scatter';

/** The k largest go back to where they were found. */
const topK: Rule = (c) => {
  const axis = axisFromEnd(c, intAttribute(c.node, 'axis', -1));
  const at = indicesWithSeeds(c, c.extraOutput(1), c.shapeOf(0).length);
  return [c.op('ScatterElements', [zeroGradient(c, c.x()), at, c.g()], { axis })];
};

/** Each distinct value (or slice) came from where it was first met; its repetitions get nothing. */
const unique: Rule = (c) => {
  const b = c.builder;
  const first = c.extraOutput(1);
  if (hasAttribute(c.node, 'axis')) {
    const axis = axisFromEnd(c, intAttribute(c.node, 'axis', 0));
    return [untakeDistinct(c, c.g(), axis, first, sizeAt(c, c.x(), axis))];
  }
  const size = b.op('Reshape', [b.op('Size', [c.x()]), b.ints([1])]);
  return [gradientLike(c, untakeDistinct(c, c.g(), -1, first, size), 0)];
};

export const selectionRules: RuleTable = {
  ...determinantRules,
  TopK: exact(topK),
  Unique: exact(unique),
  ScatterND: exact(scatterND),
  ScatterElements: exact(scatterElements),
};
