import { conclusive, finished } from '../evidence';
import type { PitfallRule } from '../types';
import { exampleList, listed, percent, short } from '../words';

/**
 * Mean relative change of the margin from which gradients say little. The indicator has no cutoff of its own; plainly and
 * adversarially trained networks were seen at 0.002 to 0.1.
 */
const noticeable = 0.15;
const decisive = 0.4;
/** Correlation of the change with the gradient below which that foretells nothing; honest networks were seen at 0.63 to 1, shattered, rounded and binarised ones below 0.16. */
const unrelated = 0.3;
const fullyUnrelated = 0.15;

/** Scores that jump under noise nobody can see: a gradient at one point says nothing about the next. */
export const unstableScores: PitfallRule = {
  name: 'unstable-scores',
  severity: 'error',
  source:
    'Pintor et al., Indicators of Attack Failure, NeurIPS 2022, "unstable predictions"; Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Shattered Gradients"',
  check(report) {
    const { instability } = report.checks;
    if (instability === undefined || report.status.state === 'running' || (report.model.random ?? []).length > 0)
      return [];
    const { value, agreement, radius, draws, examples, indices } = instability;
    const jumps = value >= noticeable;
    const astray = agreement !== null && agreement < unrelated;
    if (!jumps && !astray) return [];
    const grave = value >= decisive || (agreement !== null && agreement < fullyUnrelated);
    const words = [
      ...(jumps ? [`changes the margin by ${percent(value)} on average`] : []),
      ...(astray ? [`moves it against what the gradient foretells (correlation ${short(agreement)})`] : []),
    ];
    const threats = finished(report);
    const harmless = threats.length > 0 && threats.every(conclusive);
    return [
      {
        severity: harmless ? 'info' : grave ? 'error' : 'warning',
        message: `Noise of ${short(radius)} a value ${listed(words)}, so gradients lead attacks astray.`,
        evidence: [
          `mean relative change of the margin, ${draws} draws on ${examples} examples: ${short(value)}`,
          ...(agreement === null ? [] : [`mean correlation with the gradient: ${short(agreement)}`]),
          `most unstable examples: ${exampleList(indices)}`,
        ],
        advice: 'Attack the average over small noise or a smooth substitute of the part that jumps, and use `square`.',
        mitigation: { label: 'Add the Square Attack', command: 'rerun', changes: { addAttacks: ['square'] } },
      },
    ];
  },
};
