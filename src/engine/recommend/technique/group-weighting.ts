import type { Technique } from '../types';
import { above, atLeast } from '../words';

/** Points between the best and the worst group. */
const most = 0.1;

/** Where an average hides whom the model fails. */
export const groupWeighting: Technique = {
  name: 'group-weighting',
  title: 'Weight the worst group',
  sources: ['groupDro'],
  recovered: null,
  lost: 0,
  check({ groups, clean }) {
    if (groups === undefined || groups.clean.gap <= most) return null;
    const { worst, accuracy, gap } = groups.clean;
    return {
      triggers: [above('/groups/clean/gap', `gap between groups (${groups.by})`, gap, most)],
      why: `${worst} is right in ${(100 * accuracy.value).toFixed(1)} %, ${(100 * gap).toFixed(1)} points below the best group.`,
      action: `Collect more examples of ${worst}, or weight its loss (group DRO) with strong regularisation; without that the gain is lost on new data.`,
      gates: [`clean.worstGroup >= ${atLeast(Math.max(accuracy.value, (clean?.accuracy.value ?? 1) - most))}`],
      shortfall: { clean: gap / 2, worst: gap / 2 },
    };
  },
};
