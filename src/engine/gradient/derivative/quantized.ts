import type { RuleTable } from '../rule';

export const quantizedRules: RuleTable = {};
