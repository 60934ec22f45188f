import type { RuleTable } from '../rule';

export const scanRules: RuleTable = {};
