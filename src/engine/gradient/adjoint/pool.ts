import type { RuleTable } from '../rule';

export const averagePoolRules: RuleTable = {};
