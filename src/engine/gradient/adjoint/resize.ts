import type { RuleTable } from '../rule';

export const resizeRules: RuleTable = {};
