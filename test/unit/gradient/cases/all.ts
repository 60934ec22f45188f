import { activationCases } from './activation';
import { arithmeticCases } from './arithmetic';
import { classicalCases } from './classical';
import { convolutionCases } from './convolution';
import type { Cases } from './draw';
import { einsumCases } from './einsum';
import { fusedCases } from './fused';
import { gatherCases } from './gather';
import { matmulCases } from './matmul';
import { normalizationCases } from './normalization';
import { poolCases } from './pool';
import { quantizedCases } from './quantized';
import { reductionCases } from './reduction';
import { resizeCases } from './resize';
import { scanCases } from './scan';
import { selectionCases } from './selection';
import { shapeCases } from './shape';
import { trigonometricCases } from './trigonometric';

/** Cases of all operators, by the name that the rule table has them under. */
export const cases: Cases = {
  ...activationCases,
  ...arithmeticCases,
  ...classicalCases,
  ...convolutionCases,
  ...einsumCases,
  ...fusedCases,
  ...gatherCases,
  ...matmulCases,
  ...normalizationCases,
  ...poolCases,
  ...quantizedCases,
  ...reductionCases,
  ...resizeCases,
  ...scanCases,
  ...selectionCases,
  ...shapeCases,
  ...trigonometricCases,
};
