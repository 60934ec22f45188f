import type { NodeProto } from '../onnx/generated/onnx_pb';
import { operatorName } from '../onnx/opset';
import type { RuleEntry, RuleTable } from './rule';
import { activationRules } from './rule/activation';
import { arithmeticRules } from './rule/arithmetic';
import { convolutionRules } from './rule/convolution';
import { matmulRules } from './rule/matmul';
import { normalizationRules } from './rule/normalization';
import { poolRules } from './rule/pool';
import { reductionRules } from './rule/reduction';
import { shapeRules } from './rule/shape';
import { stepRules } from './rule/step';

const table: RuleTable = {
  ...arithmeticRules,
  ...activationRules,
  ...matmulRules,
  ...convolutionRules,
  ...poolRules,
  ...normalizationRules,
  ...reductionRules,
  ...shapeRules,
  ...stepRules,
};

/** The rule of an operator of ai.onnx, if there is one. */
export function ruleOf(node: NodeProto): RuleEntry | undefined {
  const name = operatorName(node);
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Names of all operators that have a rule. */
export const differentiableOperators: readonly string[] = Object.keys(table).sort();
