import { riskAt } from '../../metric/selective';
import type { Technique } from '../types';
import { below, percent, pointerTo } from '../words';

/** Accuracy below which a share of the answers is better refused. */
const least = 0.95;
/** The share that would still be answered. */
const coverage = 0.8;

/** To answer only where the model is sure, where its confidence tells errors from successes. */
export const rejection: Technique = {
  name: 'rejection',
  title: 'Refuse what the model is least sure of',
  sources: ['selective'],
  recovered: null,
  lost: 0,
  check({ clean }) {
    const selective = clean?.selective;
    if (!clean || !selective || clean.accuracy.value >= least) return null;
    const curve = { points: selective.points, area: null, excess: null };
    const risk = riskAt(curve, coverage);
    const all = selective.points.at(-1)?.risk;
    // A confidence that does not tell errors apart refuses the wrong ones.
    if (risk === null || all === undefined || risk > all / 2) return null;
    return {
      triggers: [below(pointerTo('/clean/accuracy'), 'clean accuracy', clean.accuracy.value, least)],
      why: `The confidence tells most errors from successes: of the surest ${percent(coverage)} only ${percent(risk)} are wrong, of all ${percent(all)}.`,
      action: `Set a threshold on the confidence on held-out data, and hand what is below it to a person. Here the cost is ${percent(1 - coverage)} of the examples, which get no answer. It is no defence: adversarial examples may be sure ones.`,
      gates: [`clean.aurc <= ${Math.max(0.01, Math.ceil(100 * selective.aurc.value) / 100).toFixed(2)}`],
      evidence: `Errors among the accepted of fresh data at the threshold: ${percent(risk)} or less.`,
      shortfall: { clean: all - risk },
    };
  },
};
