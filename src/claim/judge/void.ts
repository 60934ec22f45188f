import type { EvidenceReport } from '../evidence';

type Pitfall = EvidenceReport['pitfalls'][number];

const rules = (...names: string[]): ReadonlySet<string> => new Set(names.map((name) => `pitfalls/${name}`));

/**
 * What is wrong with the model as it was run, or with the data: no figure of the report holds.
 */
const voidsAll = rules(
  'mismatched-preprocessing',
  'single-class-predicted',
  'train-test-overlap',
  'unbalanced-test-set',
);

/** Faults of the attack: its failure shows nothing, so the robust accuracy that it left is no evidence. */
const voidsRobust = rules(
  'gradient-masking',
  'no-gradient',
  'attacked-graph-differs',
  'single-weak-attack',
  'unbounded-attack-fails',
  'iterative-weaker-than-single-step',
  'success-not-growing-with-epsilon',
  'zero-gradient',
  'unusable-gradient',
  'probabilities-as-scores',
  'unstable-scores',
  'random-forward-pass',
  'random-noise-succeeds',
  'infeasible-distances',
  'more-effort-succeeds',
  'epsilon-out-of-scale',
  'ensemble-attacked-in-parts',
);

const names = (message: string, threat: string) =>
  new RegExp(`(?<![\\p{L}\\d_-])${threat.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\d_-])`, 'u').test(message);

/**
 * The pitfall that voids a figure of a report; null where none does. Only those of severity `error` do: a rule lowers its own
 * where the figure does not hang on it, at zero robust accuracy say.
 *
 * @param what `clean` figures, and those under corruptions and shifts, do not hang on attacks; certificates neither
 * @param threat name of the threat model of a `robust` figure: a pitfall that speaks of other threat models leaves it
 */
export function voidedBy(report: EvidenceReport, what: 'clean' | 'robust', threat?: string): Pitfall | null {
  const all = [...report.threatModels, ...(report.regression?.threatModels ?? [])].map(({ name }) => name);
  const concerns = ({ message }: Pitfall) => {
    if (threat === undefined) return true;
    const named = all.filter((name) => names(message, name));
    return named.length === 0 || named.includes(threat);
  };
  return (
    report.pitfalls.find(
      (pitfall) =>
        pitfall.severity === 'error' &&
        (voidsAll.has(pitfall.rule) || (what === 'robust' && voidsRobust.has(pitfall.rule) && concerns(pitfall))),
    ) ?? null
  );
}

/** JSON pointer to a pitfall in its report. */
export const pitfallPointer = (report: EvidenceReport, pitfall: EvidenceReport['pitfalls'][number]) =>
  `/pitfalls/${report.pitfalls.indexOf(pitfall)}`;

/** Rules that can void a figure, for the test that holds the list against the registry. */
export const voidingRules: ReadonlySet<string> = new Set([...voidsAll, ...voidsRobust]);
