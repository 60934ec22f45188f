import type { PitfallRule } from '../types';
import { listed } from '../words';

/** Parts of a threat model that a spec may leave open, by the words that say they were filled in. */
const parts = [
  ['ε', / ε = .* is /],
  ['knowledge', /: the attacker is /],
  ['goal', /: the goal is /],
] as const;

/** A threat model is stated, but not all of it: what was filled in is the tool's choice and not the author's. */
export const incompleteThreatModel: PitfallRule = {
  name: 'incomplete-threat-model',
  severity: 'info',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "State a Precise Threat Model" and "Targeted or untargeted attacks": goal, knowledge and capabilities',
  check(report) {
    if (!report.threatModelStated) return [];
    const open = parts.map(([part, words]) => ({ part, notes: report.inferred.filter((note) => words.test(note)) }));
    const filled = open.filter(({ notes }) => notes.length > 0);
    if (filled.length === 0) return [];
    return [
      {
        message: `The threat model leaves its ${listed(filled.map(({ part }) => part))} open, which ${filled.length === 1 ? 'was' : 'were'} filled in.`,
        evidence: filled.flatMap(({ notes }) => notes),
        advice:
          'Write norm, `epsilon`, `knowledge` and `goal` into the spec, and into every claim made from the figure.',
      },
    ];
  },
};
