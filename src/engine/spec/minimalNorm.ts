import { attackByName } from '../attack/registry';
import type { SuiteName, ThreatModelSpec } from './schema';

/**
 * Whether the smallest perturbations are looked for: where the spec says so, and if it does not, in the suite `thorough` and where
 * an attack of minimal norm is named.
 */
export function wantsMinimalNorm(threat: Partial<ThreatModelSpec>, suite: SuiteName): boolean {
  if (threat.minimalNorm !== undefined) return threat.minimalNorm;
  return suite === 'thorough' || (threat.attacks ?? []).some((name) => attackByName(name).minimal === true);
}
