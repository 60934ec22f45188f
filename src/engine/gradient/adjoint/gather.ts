import type { RuleTable } from '../rule';

export const gatherRules: RuleTable = {};
