import type { RuleTable } from '../rule';

export const linearArithmeticRules: RuleTable = {};
