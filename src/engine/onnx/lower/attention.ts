import type { LoweringTable } from './lowering';

export const attentionLowerings: LoweringTable = {};
