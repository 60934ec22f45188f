import { pointwise, type RuleContext, type RuleTable } from '../rule';
import { finite, reciprocalSlope } from './slope';

const one = (c: RuleContext) => c.builder.scalar(1);
const square = (c: RuleContext, tensor: string) => c.op('Mul', [tensor, tensor]);
/** 1 − x², as (1 − x)(1 + x): exact next to ±1, where the slope is steepest. */
const oneMinusSquare = (c: RuleContext) => c.op('Mul', [c.op('Sub', [one(c), c.x()]), c.op('Add', [one(c), c.x()])]);

export const trigonometricRules: RuleTable = {
  Sin: pointwise((c) => c.op('Cos', [c.x()])),
  Cos: pointwise((c) => c.op('Neg', [c.op('Sin', [c.x()])])),
  Tan: pointwise((c) => c.op('Add', [square(c, c.y()), one(c)])),
  Asin: pointwise((c) => reciprocalSlope(c, c.op('Sqrt', [oneMinusSquare(c)]))),
  Acos: pointwise((c) => c.op('Neg', [reciprocalSlope(c, c.op('Sqrt', [oneMinusSquare(c)]))])),
  Atan: pointwise((c) => c.op('Reciprocal', [c.op('Add', [square(c, c.x()), one(c)])])),
  Sinh: pointwise((c) => finite(c, c.op('Cosh', [c.x()]))),
  Cosh: pointwise((c) => finite(c, c.op('Sinh', [c.x()]))),
  Asinh: pointwise((c) => c.op('Reciprocal', [c.op('Sqrt', [c.op('Add', [square(c, c.x()), one(c)])])])),
  Acosh: pointwise((c) => {
    const product = c.op('Mul', [c.op('Sub', [c.x(), one(c)]), c.op('Add', [c.x(), one(c)])]);
    return reciprocalSlope(c, c.op('Sqrt', [product]));
  }),
  Atanh: pointwise((c) => reciprocalSlope(c, oneMinusSquare(c))),
};
