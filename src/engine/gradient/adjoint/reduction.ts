import type { RuleTable } from '../rule';

export const linearReductionRules: RuleTable = {};
