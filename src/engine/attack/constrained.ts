import { feasible } from './feasible';
import { goalOf } from './goal';
import type { Attack, AttackRequest, AttackResult } from './types';

/** What of a query budget is kept to make points feasible: a quarter, and 300 at most. */
export function reserveOf(queries: number): number {
  return Math.min(300, Math.floor(queries / 4));
}

/** Runs an attack; where features have constraints, what it returns is brought to satisfy them, and judged anew. */
export async function runAttack(attack: Attack, request: AttackRequest): Promise<AttackResult> {
  const reserve = request.threat.constraints && attack.needs !== 'gradient' ? reserveOf(request.budget.queries) : 0;
  const { budget } = request;
  const result = await attack.run({ ...request, budget: { ...budget, queries: budget.queries - reserve } });
  const { oracle, threat, x, y, indices, seed, signal } = request;
  const { constraints } = threat;
  if (!constraints) return result;
  const goal = goalOf(request);
  const { points, scores } = await feasible({
    oracle,
    threat,
    constraints,
    x,
    points: result.adversarial,
    keys: Array.from(indices, (index) => `${attack.name}/${index}`),
    seed,
    score: (outputs, k, row) =>
      goal.reached(outputs, k, row) ? Number.POSITIVE_INFINITY : -goal.margin(outputs, k, row),
    ...(oracle.differentiable && attack.needs === 'gradient'
      ? {
          gradient: async (at: Float32Array, rows: readonly number[]) =>
            (
              await oracle.gradient(
                at,
                Int32Array.from(rows, (row) => y[row]!),
                goal.loss('margin'),
                goal.aims(rows),
                goal.targets(rows),
              )
            ).gradient,
        }
      : {}),
    ...(reserve > 0 ? { queries: reserve } : {}),
    ...(signal ? { signal } : {}),
  });
  const { minimal: _, ...kept } = result;
  return {
    ...kept,
    adversarial: points,
    success: Uint8Array.from(scores, (s) => Number(s === Number.POSITIVE_INFINITY)),
  };
}
