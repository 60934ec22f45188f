import type { Cases } from './draw';

export const trigonometricCases: Cases = {};
