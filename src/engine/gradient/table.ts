import type { NodeProto } from '../onnx/generated/onnx_pb';
import { operatorName } from '../onnx/opset';
import { linearArithmeticRules } from './adjoint/arithmetic';
import { convolutionRules } from './adjoint/convolution';
import { einsumRules } from './adjoint/einsum';
import { gatherRules } from './adjoint/gather';
import { matmulRules } from './adjoint/matmul';
import { batchNormalizationRules } from './adjoint/normalization';
import { packedMatmulRules } from './adjoint/packedMatmul';
import { averagePoolRules } from './adjoint/pool';
import { linearReductionRules } from './adjoint/reduction';
import { resizeRules } from './adjoint/resize';
import { scanRules } from './adjoint/scan';
import { shapeRules } from './adjoint/shape';
import { activationRules } from './derivative/activation';
import { arithmeticRules } from './derivative/arithmetic';
import { classicalRules } from './derivative/classical';
import { fusedRules } from './derivative/fused';
import { normalizationRules } from './derivative/normalization';
import { poolRules } from './derivative/pool';
import { quantizedRules } from './derivative/quantized';
import { reductionRules } from './derivative/reduction';
import { selectionRules } from './derivative/selection';
import { stepRules } from './derivative/step';
import { trigonometricRules } from './derivative/trigonometric';
import type { RuleEntry, RuleTable } from './rule';

/** Transposes of linear operators, which know nothing of where they are evaluated. */
const adjoints: RuleTable = {
  ...linearArithmeticRules,
  ...batchNormalizationRules,
  ...linearReductionRules,
  ...matmulRules,
  ...packedMatmulRules,
  ...einsumRules,
  ...convolutionRules,
  ...averagePoolRules,
  ...resizeRules,
  ...shapeRules,
  ...gatherRules,
  ...scanRules,
};

/** Derivatives of nonlinear operators, and estimates where there is none. */
const derivatives: RuleTable = {
  ...arithmeticRules,
  ...trigonometricRules,
  ...activationRules,
  ...normalizationRules,
  ...reductionRules,
  ...poolRules,
  ...selectionRules,
  ...quantizedRules,
  ...stepRules,
  ...fusedRules,
  ...classicalRules,
};

const table: RuleTable = { ...adjoints, ...derivatives };

/** The rule of an operator, if there is one. */
export function ruleOf(node: Pick<NodeProto, 'opType' | 'domain'>): RuleEntry | undefined {
  const name = operatorName(node as NodeProto);
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Names of all operators that have a rule. */
export const differentiableOperators: readonly string[] = Object.keys(table).sort();
