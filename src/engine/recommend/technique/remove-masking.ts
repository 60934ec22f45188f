import type { Technique } from '../types';

const rule = 'pitfalls/gradient-masking';

/** A defence that hides the gradient makes attacks fail, and no example safer. */
export const removeMasking: Technique = {
  name: 'remove-masking',
  title: 'Remove the defence that masks the gradient',
  sources: ['obfuscated'],
  recovered: null,
  lost: 0,
  first: 1,
  check({ pitfalls }) {
    const at = pitfalls.findIndex((pitfall) => pitfall.rule === rule);
    const found = pitfalls[at];
    if (found === undefined) return null;
    return {
      triggers: [
        {
          pointer: `/pitfalls/${at}`,
          label: rule,
          value: found.message,
          relation: 'present',
          threshold: null,
          text: `${rule}: ${found.message}`,
        },
      ],
      why: found.message,
      action:
        'Take out what masks the gradient (rounding, saturated scores, random or non-differentiable pre-processing), or attack through a smooth substitute of it; then evaluate again, and train adversarially if the figure falls.',
      gates: [],
      evidence:
        'A report without that pitfall, in which black-box attacks break nothing that gradient attacks left standing.',
      shortfall: {},
    };
  },
};
