import type { EnsembleModel, EnsembleReport, EnsembleThreat } from '../../src/engine/report/ensemble';
import type { Context } from '../context';
import { type Child, h } from '../dom';
import { interval, percent, plural } from '../format';
import { bars, dataTable, info, section, shareBar, toggle } from '../parts';

const HOW: Readonly<Record<EnsembleModel['combine'], string>> = {
  'mean-logits': 'mean of logits',
  'mean-probabilities': 'mean of probabilities',
  vote: 'vote',
};

/** Several models as one: what its members are, and whether the whole withstands more than its parts. */
export function ensemble(ctx: Context): HTMLElement | null {
  const { ensemble: measured, model } = ctx.report;
  if (measured === undefined || model.ensemble === undefined) return null;
  const threat = measured.threatModels.find(({ threatModel }) => threatModel === ctx.threat?.name);
  return section(
    'ensemble',
    'Ensemble',
    h(
      'span',
      { class: 'muted' },
      `${plural(model.ensemble.members.length, 'model')} as one, by ${HOW[model.ensemble.combine]}`,
    ),
    threat === undefined ? null : h('p', { class: 'lesson' }, threat.finding),
    h(
      'div',
      { class: threat === undefined ? '' : 'split', 'data-key': 'ensemble-bars' },
      threat === undefined ? null : h('div', {}, h('h3', {}, `Under ${threat.threatModel}`), attacked(threat)),
      h(
        'div',
        {},
        h('h3', {}, 'Without an attack ', info(ctx, 'ensembleAgreement', 'agreement of members', 'ensemble')),
        members(ctx, model.ensemble, measured),
        h(
          'p',
          { class: 'note' },
          `All predict the same for ${percent(measured.agreement.value)} of the examples (${interval(measured.agreement)}); at least one is right about ${percent(measured.anyRight.value)}, all of them about ${percent(measured.allRight.value)}.`,
        ),
      ),
    ),
    threat === undefined ? null : parts(ctx, threat),
    disagreement(ctx, measured),
    model.ensemble.surrogate === undefined
      ? null
      : h(
          'p',
          { class: 'note' },
          'A vote has no gradient: attacks follow that of the mean probabilities in its place. The votes decide what is broken.',
        ),
  );
}

/** The whole attacked through all members and in parts, and the members by themselves. */
function attacked(threat: EnsembleThreat): HTMLElement {
  const { throughAll, inParts, gain } = threat;
  const top = inParts?.value;
  const named = (found: EnsembleThreat['members'][number]) => found.name === gain?.against;
  return bars(
    ...(throughAll === null
      ? []
      : [
          shareBar(throughAll, {
            label: 'Ensemble, through all members',
            note: `on the same ${plural(threat.n, 'example')}`,
            kind: 'robust',
            ...(top === undefined ? {} : { beyond: top }),
          }),
        ]),
    ...(inParts === null
      ? []
      : [
          shareBar(inParts, {
            label: 'Ensemble, in parts',
            note: 'made on one member at a time',
            kind: 'robust',
            faded: true,
          }),
        ]),
    ...threat.members.flatMap((member) =>
      member.alone === null
        ? []
        : [
            shareBar(member.alone, {
              label: member.name,
              note: named(member) ? 'by itself, the best' : 'by itself',
              kind: 'robust',
              faded: true,
            }),
          ],
    ),
  );
}

/** What becomes of the members, and of the whole on what was made on one of them. */
function parts(ctx: Context, threat: EnsembleThreat): HTMLElement {
  const place = `ensemble-${threat.threatModel}`;
  const term = (text: string, name: string) => h('span', {}, text, info(ctx, name, text.toLowerCase(), place));
  return dataTable<EnsembleThreat['members'][number]>(
    `Members of the ensemble under ${threat.threatModel}`,
    [
      { title: 'Member', head: true, cell: ({ name }) => name },
      { title: 'Clean', numeric: true, cell: ({ clean }) => percent(clean.value) },
      {
        title: term('Attacked by itself', 'ensembleAlone'),
        numeric: true,
        cell: ({ alone }) => (alone === null ? 'no gradient' : percent(alone.value)),
      },
      {
        title: term('The ensemble on its examples', 'ensembleInParts'),
        numeric: true,
        cell: ({ transfer }) => (transfer === null ? '–' : percent(transfer.value)),
      },
      {
        title: 'Right about what breaks the ensemble',
        numeric: true,
        cell: ({ onEnsemble }) => (onEnsemble === null ? '–' : percent(onEnsemble.value)),
      },
    ],
    threat.members,
  );
}

function members(ctx: Context, model: EnsembleModel, measured: EnsembleReport): HTMLElement {
  const accuracies = new Map(measured.members.map(({ name, accuracy }) => [name, accuracy]));
  const clean = ctx.report.clean?.accuracy;
  return bars(
    ...(clean ? [shareBar(clean, { label: 'Ensemble', kind: 'clean' })] : []),
    ...model.members.flatMap(({ name, weight }) => {
      const accuracy = accuracies.get(name);
      const note = `weight ${percent(weight, 0)}`;
      return accuracy === undefined ? [] : [shareBar(accuracy, { label: name, note, kind: 'clean', faded: true })];
    }),
  );
}

function disagreement(ctx: Context, { disagreement: pairs }: EnsembleReport): Child {
  if (pairs.length < 2) return null;
  return toggle(
    ctx,
    'ensemble-disagreement',
    'How often two members disagree',
    dataTable<EnsembleReport['disagreement'][number]>(
      'How often two members disagree',
      [
        { title: 'Members', head: true, cell: ({ first, second }) => `${first}, ${second}` },
        { title: 'Predict different classes', numeric: true, cell: ({ share }) => percent(share.value) },
        { title: '95 % interval', numeric: true, cell: ({ share }) => interval(share) },
      ],
      pairs,
    ),
  );
}
