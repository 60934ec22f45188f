import type { RuleTable } from '../rule';

export const trigonometricRules: RuleTable = {};
