import type { RuleTable } from '../rule';
import { quantizedLayerRules } from './quantized/layer';
import { quantizedProductRules } from './quantized/product';
import { quantizeRules } from './quantized/quantize';

/**
 * Quantised models. Rounding is flat wherever it has a derivative, so a straight-through estimate stands in (BPDA: Athalye
 * et al. 2018, §4.1): gradients flow through integer tensors as with respect to the integer taken for a real number. The
 * forward pass stays as the file has it.
 */
export const quantizedRules: RuleTable = { ...quantizeRules, ...quantizedProductRules, ...quantizedLayerRules };
