import { definitions } from '../metric/definitions';
import type { EnsembleModel, EnsembleThreat } from './ensemble';
import type { Report } from './schema';
import type { Section } from './section';
import { orDash, withInterval } from './words';

/** Several models as one: what they are, how often they agree, and whether the whole withstands more than its parts. */
export function ensembleSections({ model, ensemble }: Pick<Report, 'model' | 'ensemble'>): Section[] {
  if (!model.ensemble || !ensemble) return [];
  return [members(model.ensemble, ensemble), ...ensemble.threatModels.map(parts)];
}

function members(model: EnsembleModel, ensemble: NonNullable<Report['ensemble']>): Section {
  return {
    title: 'Members of the ensemble',
    paragraphs: [
      combinationText(model),
      `All members predict the same class for ${withInterval(ensemble.agreement)} of the examples; at least one is right about ${withInterval(ensemble.anyRight)}, all of them about ${withInterval(ensemble.allRight)}.`,
      ...disagreementText(ensemble.disagreement),
    ],
    table: {
      columns: ['Member', 'Weight', 'Clean accuracy', 'Returns', 'Gradient', 'SHA-256'],
      rows: model.members.map((member, m) => [
        member.name,
        weightText(member.weight),
        orDash(ensemble.members[m]?.accuracy),
        returnsText(member.scale),
        member.differentiable ? 'available' : 'not available',
        member.sha256.slice(0, 12),
      ]),
    },
  };
}

function parts(threat: EnsembleThreat): Section {
  return {
    title: `The ensemble against its members: ${threat.threatModel}`,
    paragraphs: [
      `${threat.attack.title}, ${threat.attack.iterations} steps, on the same ${threat.n} examples.`,
      threat.finding,
      `Attacked through all members: ${definitions.ensembleThroughAll.text}`,
      `In parts: ${definitions.ensembleInParts.text}`,
    ],
    table: {
      columns: [
        'Attacked',
        'Clean accuracy',
        'Itself stands at',
        'The ensemble stands at',
        'Right about what breaks the ensemble',
      ],
      rows: [
        ['All members at once', withInterval(threat.clean), orDash(threat.throughAll), orDash(threat.throughAll), '–'],
        ...threat.members.map((member) => [
          `${member.name} alone`,
          withInterval(member.clean),
          orDash(member.alone),
          orDash(member.transfer),
          orDash(member.onEnsemble),
        ]),
        ['Each member in turn', withInterval(threat.clean), '–', orDash(threat.inParts), '–'],
      ],
    },
  };
}

/** How one answer is made of several, as a sentence. */
export function combinationText({ combine, surrogate, members }: EnsembleModel): string {
  const number = `${members.length} models as one`;
  const weighed = new Set(members.map(({ weight }) => weight.toFixed(6))).size > 1 ? ', weighted' : '';
  switch (combine) {
    case 'mean-logits':
      return `${number}, by the mean of their ${members[0]?.scale === 'outputs' ? 'outputs' : 'logits'}${weighed}.`;
    case 'mean-probabilities':
      return `${number}, by the mean of their probabilities${weighed}.`;
    case 'vote':
      return `${number}, by vote${weighed}; of several classes with as many votes the one with the highest mean probability.${surrogate ? ' A vote has no gradient: attacks follow that of the mean probabilities in its place, and the votes decide what is broken.' : ''}`;
  }
}

function disagreementText(pairs: NonNullable<Report['ensemble']>['disagreement']): string[] {
  const [widest] = [...pairs].sort((a, b) => b.share.value - a.share.value);
  if (!widest || widest.share.value === 0) return [];
  return [
    `Most at odds are ${widest.first} and ${widest.second}, which predict different classes for ${withInterval(widest.share)}.`,
  ];
}

export function weightText(weight: number): string {
  return `${(100 * weight).toFixed(1)} %`;
}

const returns: Readonly<Record<EnsembleModel['members'][number]['scale'], string>> = {
  logits: 'logits',
  probabilities: 'probabilities',
  'log-probabilities': 'log-probabilities',
  shares: 'separate sigmoids',
  'plain-probabilities': 'probabilities',
  labels: 'labels',
  outputs: 'numbers',
};

function returnsText(scale: EnsembleModel['members'][number]['scale']): string {
  return returns[scale];
}
