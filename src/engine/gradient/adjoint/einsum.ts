import type { RuleTable } from '../rule';

export const einsumRules: RuleTable = {};
