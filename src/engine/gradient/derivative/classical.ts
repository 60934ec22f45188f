import { stringAttribute } from '../../onnx/attribute';
import { reduceSum } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** The norm of each row, 1 where it is 0: ONNX Runtime leaves such a row as it is. */
function normOf(c: RuleContext, norm: string): string {
  const b = c.builder;
  const reduce = { L1: 'ReduceL1', L2: 'ReduceL2', MAX: 'ReduceMax' }[norm] ?? c.unavailable(`its norm is ${norm}`);
  const n = c.op(reduce, [c.x(), b.ints([-1])], { keepdims: 1 });
  return c.op('Where', [c.op('Equal', [n, b.scalar(0)]), b.scalar(1), n]);
}

/** With y = x/n(x): dx = (g − n′(x)·Σ g⊙y)/n, where n′ is sign x, y, or 1 at the largest element (shared by ties). */
const normalize: Rule = (c) => {
  const b = c.builder;
  const norm = stringAttribute(c.node, 'norm', 'MAX');
  const n = normOf(c, norm);
  const along = reduceSum(b, c.op('Mul', [c.g(), c.y()]), [-1], true);
  return [c.op('Div', [c.op('Sub', [c.g(), c.op('Mul', [slopeOf(c, norm), along])]), n])];
};

function slopeOf(c: RuleContext, norm: string): string {
  if (norm === 'L1') return c.op('Sign', [c.x()]);
  if (norm === 'L2') return c.y();
  const largest = c.op('ReduceMax', [c.x(), c.builder.ints([-1])], { keepdims: 1 });
  const winners = c.op('Cast', [c.op('Equal', [c.x(), largest])], { to: 1 });
  return c.op('Div', [winners, reduceSum(c.builder, winners, [-1], true)]);
}

/** Operators of ai.onnx.ml that are one step: those of several are taken apart (`onnx/lower`). */
export const classicalRules: RuleTable = { 'ai.onnx.ml:Normalizer': exact(normalize) };
