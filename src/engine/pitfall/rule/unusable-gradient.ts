import type { ThreatModelReport } from '../../report/schema';
import { conclusive, finished, isGradientFree } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { exampleList, listed, percent } from '../words';

/** Shares of the probed examples from which it shows, and from which it decides the figure. */
const noticeable = 0.05;
const decisive = 0.25;
/** Share of what gradient attacks left that an attack without gradients may break, if those are to have gone the right way. */
const missed = 0.05;
/** Queries that such an attack needs for its failure to mean anything: a first look of 300 broke less than one of 5,000. */
const enoughQueries = 1000;

/**
 * A small gradient at the example itself need not be small on the way: where a search without gradients was given all that
 * they left and broke next to nothing of it, they did find their way.
 */
function vouchedFor({ attacks }: ThreatModelReport): boolean {
  return attacks.some(
    (attack) =>
      isGradientFree(attack) && attack.iterations >= enoughQueries && attack.broken <= missed * attack.attempted,
  );
}

/** A gradient is there, and says nothing: not a number, infinite, or so small that nothing follows from it. */
export const unusableGradient: PitfallRule = {
  name: 'unusable-gradient',
  severity: 'error',
  source:
    'Pintor et al., Indicators of Attack Failure, NeurIPS 2022, "unavailable gradients"; Adversarial Robustness Toolbox, art/utils (Nicolae et al. 2018), gradient check for zeros, NaN and infinities',
  check(report) {
    const gradients = report.checks.gradients ?? [];
    const threats = finished(report).filter(({ knowledge }) => knowledge === 'white-box');
    if (threats.length === 0 || report.status.state === 'running') return [];
    const of = (name: string) => gradients.find(({ loss }) => loss === name);
    const share = (count: number, examples: number) => (examples === 0 ? 0 : count / examples);
    const worst = [...gradients].sort((a, b) => share(b.notFinite, b.examples) - share(a.notFinite, a.examples))[0];
    const broken = worst ? share(worst.notFinite, worst.examples) : 0;
    const margin = of('margin');
    // Gradients that are zero under every loss are a pitfall of their own.
    const flat = margin ? share(margin.flat, margin.examples) : 0;
    if (Math.max(broken, flat) < noticeable) return [];
    const words = [
      ...(broken >= noticeable ? [`not a finite number for ${percent(broken)} of the examples`] : []),
      ...(flat >= noticeable
        ? [`too small to change any prediction within the data's range for ${percent(flat)}`]
        : []),
    ];
    const decides = broken >= decisive || (flat >= decisive && !threats.every(vouchedFor));
    const finding: Finding = {
      severity: threats.every(conclusive) ? 'info' : decides ? 'error' : 'warning',
      message: `The gradient is ${listed(words)}, so gradient attacks go astray.`,
      evidence: gradients.map(
        ({ loss, examples, zero, notFinite, flat, indices }) =>
          `${loss}, ${examples} examples: ${zero} zero, ${notFinite} not finite, ${flat} too small${indices.length > 0 ? ` (examples ${exampleList(indices)})` : ''}`,
      ),
      advice:
        'Look for divisions by zero, square roots at zero and steep saturating layers, and add `square` to the attacks.',
      mitigation: {
        label: 'Add the Square Attack',
        command: 'rerun',
        changes: { threatModels: threats.map(({ name }) => name), addAttacks: ['square'] },
      },
    };
    return [finding];
  },
};
