import type { Cases } from './draw';

export const quantizedCases: Cases = {};
