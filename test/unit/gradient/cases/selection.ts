import type { Cases } from './draw';

export const selectionCases: Cases = {};
