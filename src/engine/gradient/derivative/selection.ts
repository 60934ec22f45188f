import type { RuleTable } from '../rule';

export const selectionRules: RuleTable = {};
