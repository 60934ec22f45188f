import type { Cases } from './draw';

export const gatherCases: Cases = {};
