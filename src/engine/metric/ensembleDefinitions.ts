import type { Definition } from './definitions';

/** What the figures on several models as one mean; the same words stand in docs/metrics.md. */
export const ensembleDefinitions = {
  ensembleAgreement: {
    title: 'Agreement of members',
    text: 'Share of the examples of which all members of an ensemble predict the same class, right or wrong. Members that always agree are one model several times over.',
    formula: '|{examples: all members predict the same}| / n',
  },
  ensembleAnyRight: {
    title: 'At least one member right',
    text: 'Share of the examples of which some member predicts the true class: what no combination of these members by vote or by choice among them can exceed.',
    formula: '|{examples: some member is right}| / n',
  },
  ensembleDisagreement: {
    title: 'Disagreement of two members',
    text: 'Share of the examples of which two members predict different classes, right or wrong (Skalak 1996; Kuncheva & Whitaker 2003).',
    formula: '|{examples: predictions differ}| / n',
  },
  ensembleThroughAll: {
    title: 'Attacked through all members',
    text: 'Accuracy of the ensemble on a sample when the attack follows the gradient through all members at once, which is the attacker whom an ensemble has to withstand.',
    formula: 'standing / sample',
  },
  ensembleInParts: {
    title: 'Attacked in parts',
    text: 'Accuracy of the ensemble on the same sample when examples are made on one member at a time and tried on the whole; an example counts as standing if it stands against all of them. Above the figure through all members, it is what an evaluation in parts claims too much (He et al. 2017).',
    formula: '|{examples: standing against what was made on each member}| / sample',
  },
  ensembleAlone: {
    title: 'Member attacked by itself',
    text: "Accuracy of one member on the same sample under the same attack on that member alone, as the member's own file answers.",
    formula: 'standing / sample',
  },
  ensembleGain: {
    title: 'Gain of an ensemble',
    text: 'Accuracy attacked through all members less that of the member that stands best by itself, paired by example, with the interval of paired shares (Newcombe 1998, method 10) and the exact test of McNemar. The best member is chosen on the same sample, which makes the gain look smaller rather than larger.',
    formula: 'A(through all) − max over members of A(alone)',
  },
} as const satisfies Record<string, Definition>;
