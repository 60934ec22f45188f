import type { LoweringTable } from './lowering';

/** Recurrent layers, unrolled. */
export const recurrentLowerings: LoweringTable = {};
