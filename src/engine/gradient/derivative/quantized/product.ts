import { intAttribute } from '../../../onnx/attribute';
import type { RuleTable } from '../../rule';
import { asReal } from './asReal';

const window = ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'];

/** A vector of scales or zero points on the left of a product has one for each row, on the right one for each column. */
const rows = -2;
const columns = -1;

/** Products of integer tensors and what quantisers and ONNX Runtime's optimizers make of them. */
export const quantizedProductRules: RuleTable = {
  ConvInteger: asReal(() => ({
    op: 'Conv',
    operands: [
      { at: 0, zero: 2 },
      { at: 1, zero: 3, axis: 0 },
    ],
    attributes: window,
  })),
  QLinearConv: asReal(() => ({
    op: 'Conv',
    operands: [
      { at: 0, scale: 1, zero: 2 },
      { at: 3, scale: 4, zero: 5, axis: 0 },
    ],
    output: { scale: 6, zero: 7 },
    attributes: window,
    rectifies: true,
  })),
  MatMulInteger: asReal(() => ({
    op: 'MatMul',
    operands: [
      { at: 0, zero: 2, axis: rows },
      { at: 1, zero: 3, axis: columns },
    ],
  })),
  QLinearMatMul: asReal(() => ({
    op: 'MatMul',
    operands: [
      { at: 0, scale: 1, zero: 2, axis: rows },
      { at: 3, scale: 4, zero: 5, axis: columns },
    ],
    output: { scale: 6, zero: 7, axis: rows },
    rectifies: true,
  })),
  'com.microsoft:QGemm': asReal((c) => ({
    op: 'Gemm',
    operands: [
      { at: 0, scale: 1, zero: 2 },
      { at: 3, scale: 4, zero: 5, axis: intAttribute(c.node, 'transB', 0) ? 0 : 1 },
    ],
    output: { scale: 7, zero: 8 },
    attributes: ['alpha', 'transA', 'transB'],
    rectifies: true,
  })),
  'com.microsoft:MatMulIntegerToFloat': asReal(() => ({
    op: 'MatMul',
    operands: [
      { at: 0, scale: 2, zero: 4, axis: rows },
      { at: 1, scale: 3, zero: 5, axis: columns },
    ],
  })),
  // The left factor is quantised by its own range in the operator, which clips nothing.
  'com.microsoft:DynamicQuantizeMatMul': asReal(() => ({
    op: 'MatMul',
    operands: [{ at: 0 }, { at: 1, scale: 2, zero: 3, axis: columns }],
  })),
};
