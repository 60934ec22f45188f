/** What a model is to be used for: `context` of a spec. */
export const contextNames = ['general', 'consumer', 'safety-critical', 'security-critical'] as const;
export type ContextName = (typeof contextNames)[number];

/** What is weighed, from the average case to the worst. */
export const termNames = ['clean', 'corruption', 'worst', 'calibration'] as const;
export type TermName = (typeof termNames)[number];

export const termTitles: Readonly<Record<TermName, string>> = {
  clean: 'Clean accuracy',
  corruption: 'Corruption accuracy',
  worst: 'Worst-case accuracy',
  calibration: 'Calibration',
};

/**
 * How much each counts. No standard gives such weights: they state our reading of what fails in each context, they stand in
 * docs/compare.md, and the comparison says within which weights its choice stays.
 */
export const contextWeights: Readonly<Record<ContextName, Readonly<Record<TermName, number>>>> = {
  // Nobody has said what for: the average case weighs most, and neither of the others can be bought with it.
  general: { clean: 0.4, corruption: 0.25, worst: 0.25, calibration: 0.1 },
  // Many uses, each cheap to get wrong, in all kinds of light; few have an adversary.
  consumer: { clean: 0.5, corruption: 0.3, worst: 0.1, calibration: 0.1 },
  // The world fails, not an attacker: sensors, weather; and the system must know when to hand over.
  'safety-critical': { clean: 0.2, corruption: 0.35, worst: 0.25, calibration: 0.2 },
  // Somebody looks for the worst case, and finds it.
  'security-critical': { clean: 0.2, corruption: 0.1, worst: 0.6, calibration: 0.1 },
};

export function isContext(value: unknown): value is ContextName {
  return contextNames.some((name) => name === value);
}
