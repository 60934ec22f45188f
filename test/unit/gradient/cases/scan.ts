import type { Cases } from './draw';

export const scanCases: Cases = {};
