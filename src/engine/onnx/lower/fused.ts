import type { LoweringTable } from './lowering';

/** Fused operators of com.microsoft, taken apart. */
export const fusedLowerings: LoweringTable = {};
