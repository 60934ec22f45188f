import type { Cases } from './draw';

export const poolCases: Cases = {};
