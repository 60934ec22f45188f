import type { RegressionReport } from '../../report/regression';
import type { Report } from '../../report/schema';
import type { SourceName } from '../sources';
import type { Finding, Technique, Trigger } from '../types';
import { atLeast, below, largest, listed, pointerTo } from '../words';

/** Share of the clean accuracy that has to be left under attack; published defences keep more than half (RobustBench). */
const least = 0.5;
/** An error that grows by more than this factor within ε. */
const growth = 2;

/** Training on the strongest perturbations within ε, the one empirical defence that held (Madry et al. 2018; Athalye et al. 2018). */
export const adversarialTraining: Technique = {
  name: 'adversarial-training',
  title: 'Adversarial training (PGD, TRADES)',
  sources: ['madry', 'trades'],
  // Of RobustBench's standard entry 0 of 94.78 points stand, of the adversarially trained 49.25; it has 87.03 clean.
  recovered: 49.25 / 94.78,
  lost: (94.78 - 87.03) / 100,
  check,
  checkOutputs,
};

/** Of characters there is no gradient to train with. */
const textTitle = 'Training on edited texts';
const textAction =
  'Train on edited texts: misspellings of every training text, drawn anew in each epoch, or a model in front that recognises misspelt words (Pruthi, Dhingra & Lipton, ACL 2019). What follows was measured on images, where gradients lead.';

function check({ clean, threatModels, data, universal }: Report): Finding | null {
  if (clean === null || clean.accuracy.value === 0) return null;
  const threshold = least * clean.accuracy.value;
  const failing = threatModels.flatMap((threat, i) =>
    threat.robustAccuracy !== null && threat.robustAccuracy.value < threshold
      ? [{ threat, i, value: threat.robustAccuracy.value }]
      : [],
  );
  if (failing.length === 0) return null;
  const names = failing.map(({ threat }) => threat.name);
  const norms = new Set(threatModels.map(({ norm }) => norm));
  const more: SourceName[] = [
    ...(failing.some(({ threat }) => threat.norm === 'l2') ? (['madryL2'] as const) : []),
    ...(norms.size > 1 ? (['union'] as const) : []),
    ...(data.kind === 'image' && (data.shape[1] ?? 0) >= 128 ? (['robustImageNet'] as const) : []),
  ];
  return {
    triggers: failing.map(({ threat, i, value }) =>
      below(pointerTo(`/threatModels/${i}/robustAccuracy`), `robust accuracy (${threat.name})`, value, threshold),
    ),
    why: `Less than half of the clean accuracy is left under ${listed(names)}${universal && universal.accuracy.value < threshold ? ', and one perturbation for all examples does it too' : ''}.`,
    ...(data.kind === 'text' ? { title: textTitle } : {}),
    action:
      data.kind === 'text'
        ? textAction
        : `Train on adversarial examples of ${listed(failing.map(({ threat }) => `${threat.norm} within ${threat.epsilonText}`))}: PGD at every step, or TRADES, whose β trades clean for robust accuracy; stop early by robust accuracy on held-out data.${norms.size > 1 ? ' Train against all norms of the spec at once: one alone does not carry over.' : ''} The command “robustness export” writes those of this run: enough to try, and no substitute for attacks during training.`,
    gates: names.map((name) => `robustAccuracy(${name}) >= ${atLeast(threshold)}`),
    shortfall: { worst: largest(failing.map(({ value }) => clean.accuracy.value - value)) },
    ...(more.length > 0 ? { sources: more } : {}),
  };
}

function checkOutputs({ clean, threatModels }: RegressionReport): Finding | null {
  if (clean === null || clean.mae.value === 0) return null;
  const threshold = growth * clean.mae.value;
  const triggers = threatModels.flatMap((threat, i): Trigger[] => {
    const mae = threat.worstCase?.mae.value;
    if (mae === undefined || mae <= threshold) return [];
    const label = `mean absolute error under attack (${threat.name})`;
    const number = (value: number) => String(Number(value.toPrecision(3)));
    return [
      {
        pointer: `/threatModels/${i}/worstCase/mae/value`,
        label,
        value: mae,
        relation: '>',
        threshold,
        text: `${label}: ${number(mae)}, above ${number(threshold)}`,
      },
    ];
  });
  if (triggers.length === 0) return null;
  return {
    triggers,
    why: `The mean absolute error more than doubles within ε.`,
    action:
      'Train on the inputs that change the output most (PGD on the squared error). What follows was measured on classifiers: no publication known to us reports the cost on a regression.',
    gates: threatModels.flatMap(({ name }) =>
      triggers.some(({ label }) => label.endsWith(`(${name})`))
        ? [`worstCase.mae(${name}) <= ${Number(threshold.toPrecision(3))}`]
        : [],
    ),
    shortfall: { worst: 1 },
  };
}
