import type { Cases } from './draw';

export const resizeCases: Cases = {};
