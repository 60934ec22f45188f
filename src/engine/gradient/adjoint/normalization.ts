import type { RuleTable } from '../rule';

export const batchNormalizationRules: RuleTable = {};
