import type { LoweringTable } from './lowering';

export const normalizationLowerings: LoweringTable = {};
