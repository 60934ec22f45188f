import type { Cases } from './draw';

export const einsumCases: Cases = {};
