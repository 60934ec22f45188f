import { editSuites } from './edits';
import type { AttackName, ResolvedThreatModel, SuiteName, ThreatModelSpec } from './schema';

type AttackPlan = ResolvedThreatModel['attacks'][number];
type Suites = Readonly<Record<SuiteName, readonly AttackPlan[]>>;

const descent = (name: AttackName, iterations: number): AttackPlan => ({ name, iterations, restarts: 1, queries: 0 });
const search = (name: AttackName, queries: number, restarts = 1): AttackPlan => ({
  name,
  iterations: queries,
  restarts,
  queries,
});

/** In l0: σ-zero with the 100 and 1000 iterations of its paper, Sparse-RS with up to the 10,000 queries of its own. */
const sparse: Suites = {
  quick: [descent('sigma-zero', 100), search('sparse-rs', 300)],
  standard: [descent('sigma-zero', 1000), search('sparse-rs', 5000)],
  plus: [descent('sigma-zero', 1000), search('sparse-rs', 10000)],
  // A mean over passes does nothing for a search that compares single ones.
  rand: [descent('sigma-zero', 1000), search('sparse-rs', 5000)],
  thorough: [descent('sigma-zero', 1000), search('sparse-rs', 20000, 2)],
};

/** By labels alone. RayS knows linf, SurFree l2: both find their way without an estimate of the gradient. */
const decision: Suites = {
  quick: [search('rays', 500), search('surfree', 500), search('hopskipjump', 1000)],
  standard: [search('rays', 5000), search('surfree', 5000), search('hopskipjump', 5000)],
  plus: [search('rays', 10000), search('surfree', 10000), search('hopskipjump', 10000)],
  rand: [search('rays', 5000), search('surfree', 5000), search('hopskipjump', 5000)],
  thorough: [search('rays', 10000), search('surfree', 10000), search('hopskipjump', 25000)],
};

/** The suites of threat models that AutoAttack has none for; undefined where it has. */
export function otherSuites({ norm, knowledge }: Partial<ThreatModelSpec>): Suites | undefined {
  if (norm === 'edits') return editSuites({ knowledge });
  if (knowledge === 'black-box-decision') return decision;
  return norm === 'l0' ? sparse : undefined;
}
