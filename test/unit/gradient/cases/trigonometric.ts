import type { Random } from '../../../../src/engine/random';
import { type Cases, normal, unary } from './draw';

export const trigonometricCases: Cases = {};

const between = (low: number, high: number) => (r: Random) => r.between(low, high);

for (const op of ['Sin', 'Cos', 'Sinh', 'Cosh', 'Asinh', 'Atan']) trigonometricCases[op] = unary(op, normal);
trigonometricCases.Tan = unary('Tan', between(-1.2, 1.2));
// Differences are of little use next to where the slope is infinite.
for (const op of ['Asin', 'Acos', 'Atanh']) trigonometricCases[op] = unary(op, between(-0.85, 0.85));
trigonometricCases.Acosh = unary('Acosh', between(1.2, 4));
