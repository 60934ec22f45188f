import type { Choice, ContextChoice, Utility } from '../../src/engine/compare/types';
import type { LineChart } from '../chart/spec';
import { h } from '../dom';
import { percent } from '../format';
import { icon } from '../icons';
import { chart, dataTable, section, share, tag, toggle } from '../parts';
import { type CompareContext, look } from './context';

const contexts: Readonly<Record<ContextChoice['context'], readonly [title: string, note: string]>> = {
  general: ['General', 'nobody has said what for: the average case leads, the others count'],
  consumer: ['Consumer', 'many uses in all conditions, few adversaries'],
  'safety-critical': ['Safety-critical', 'the world fails: sensors, weather; confidence must be right'],
  'security-critical': ['Security-critical', 'somebody looks for the worst case, and finds it'],
};

const terms: Readonly<Record<Choice['terms'][number]['name'], string>> = {
  clean: 'Clean',
  corruption: 'Corruption',
  worst: 'Worst case',
  calibration: 'Calibration',
};

const certainties: Readonly<Record<ContextChoice['certainty'], readonly [string, 'good' | 'plain' | 'bad']>> = {
  clear: ['clear', 'good'],
  likely: ['some doubt', 'plain'],
  open: ['open', 'bad'],
};

/** Which model for which use: a context's weights, what they choose, and how much hangs on them. */
export function choiceSection(ctx: CompareContext): HTMLElement {
  const { comparison, chosen } = ctx;
  const { choice, models } = comparison;
  const title = 'Which model for which use';
  if (choice === null || chosen === null) {
    return section(
      'choice',
      title,
      null,
      h('p', { class: 'muted' }, 'A choice needs two complete evaluations on the same examples.'),
    );
  }
  const name = (model: number) => models[model]?.name ?? '';
  const [certainty, kind] = certainties[chosen.certainty];
  return section(
    'choice',
    title,
    null,
    picker(chosen),
    h(
      'div',
      { class: 'verdict', role: 'status' },
      h('p', { class: 'verdict-name' }, h('b', {}, name(chosen.winner)), ' ', tag(certainty, kind)),
      h('p', {}, chosen.text),
    ),
    h(
      'div',
      { class: 'split' },
      h(
        'div',
        {},
        h('h3', {}, 'What the utility is made of'),
        legend(choice, chosen),
        h('ul', { class: 'utilities' }, ...chosen.utilities.map((utility) => bar(ctx, choice, chosen, utility))),
      ),
      sensitivity(ctx, choice, chosen),
    ),
    ...choice.absent.map((text) => h('p', { class: 'aside' }, icon('info'), h('span', {}, text))),
    toggle(
      ctx,
      'weights',
      'Show weights, terms and within which weights the choice stays',
      weights(ctx, choice, chosen),
    ),
    toggle(ctx, 'contexts', 'Show the choice in every context', every(ctx, choice)),
    h(
      'p',
      { class: 'muted' },
      'The weights are a stated reading of each context, not a standard. The worst case is what stands under all threat models that the models share, an upper bound.',
    ),
  );
}

function picker(chosen: ContextChoice): HTMLElement {
  return h(
    'fieldset',
    { class: 'contexts' },
    h('legend', {}, 'Used in a context that is'),
    ...Object.entries(contexts).map(([value, [label, note]]) =>
      h(
        'label',
        { class: value === chosen.context ? 'context selected' : 'context' },
        h('input', {
          type: 'radio',
          name: 'context',
          value,
          checked: value === chosen.context,
          'data-action': 'context',
          'data-value': value,
        }),
        h('span', {}, h('b', {}, label), h('small', {}, note)),
      ),
    ),
  );
}

function legend({ terms: weighed }: Choice, { weights: of }: ContextChoice): HTMLElement {
  return h(
    'ul',
    { class: 'term-legend' },
    ...weighed.map(({ name }, t) =>
      h(
        'li',
        {},
        h('span', { class: `term-swatch term-${name}`, 'aria-hidden': 'true' }),
        `${terms[name]} ${percent(of[t] ?? 0, 0)}`,
      ),
    ),
  );
}

function bar({ comparison }: CompareContext, choice: Choice, chosen: ContextChoice, utility: Utility): HTMLElement {
  const { model, value, low, high, parts, wins } = utility;
  const made = choice.terms.map(({ name }, t) => `${terms[name]} ${(parts[t] ?? 0).toFixed(3)}`).join(', ');
  return h(
    'li',
    {},
    h(
      'span',
      { class: 'utility-head' },
      h('span', {}, comparison.models[model]?.name, ' ', model === chosen.winner ? tag('chosen', 'good') : null),
      h('span', { class: 'muted' }, `first in ${percent(wins)} of resamples`),
      h('b', {}, value.toFixed(3)),
    ),
    h(
      'span',
      { class: 'utility-track', title: made },
      h('span', { class: 'unseen' }, `Made of ${made}. 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}.`),
      ...choice.terms.map(({ name }, t) =>
        h('span', { class: `term-part term-${name}`, style: { width: share(parts[t] ?? 0) }, 'aria-hidden': 'true' }),
      ),
      h('span', { class: 'whisker', style: { left: share(low), width: share(high - low) } }),
    ),
  );
}

/** Utility against the weight of the worst case, the other terms in their proportions: straight lines, so two points each. */
function sensitivity(ctx: CompareContext, choice: Choice, chosen: ContextChoice): HTMLElement | null {
  const t = choice.terms.findIndex(({ name }) => name === 'worst');
  const weight = chosen.weights[t];
  if (weight === undefined || weight > 1 - 1e-9) return null;
  const lines = choice.candidates.map((model, c) => {
    const all = choice.terms[t]?.values[c] ?? 0;
    const value = chosen.utilities[c]?.value ?? 0;
    return { model, none: (value - weight * all) / (1 - weight), all };
  });
  const values = lines.flatMap(({ none, all }) => [none, all]);
  const floor = Math.floor(10 * Math.min(...values)) / 10;
  const name = (model: number) => ctx.comparison.models[model]?.name ?? '';
  const spec: LineChart = {
    series: lines.map(({ model, none, all }) => ({
      label: name(model),
      ...look(model),
      points: [
        { x: 0, y: none },
        { x: 1, y: all },
      ],
      width: model === chosen.winner ? 2.5 : 1.5,
      ...(lines.length <= 8 ? { endLabel: name(model) } : {}),
    })),
    rules: [{ axis: 'x', at: weight, label: '', color: 'foreground' }],
    x: {
      title: 'Weight of the worst case',
      min: 0,
      max: 1,
      ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: percent(at, 0) })),
    },
    y: { title: 'Utility', limits: [floor, 1] },
  };
  const stays = chosen.sensitivity[t];
  const range = stays ? `${percent(stays.low)} to ${percent(stays.high)}` : '';
  return h(
    'div',
    {},
    h('h3', {}, 'If the worst case weighed more, or less'),
    h(
      'p',
      { class: 'muted' },
      `${name(chosen.winner)} stays first from ${range}. The dashed line is this context: ${percent(weight, 0)}.`,
    ),
    chart(
      ctx,
      'sensitivity',
      `Utility against the weight of the worst case. ${lines.map((l) => `${name(l.model)}: ${l.none.toFixed(3)} at 0 %, ${l.all.toFixed(3)} at 100 %`).join('; ')}. ${name(chosen.winner)} stays first from ${range}.`,
      spec,
      dataTable(
        'Utility against the weight of the worst case',
        [
          { title: 'Model', head: true, cell: (l) => name(l.model) },
          { title: 'at 0 %', numeric: true, cell: (l) => l.none.toFixed(3) },
          {
            title: `at ${percent(weight, 0)}`,
            numeric: true,
            cell: (l) => (l.none + weight * (l.all - l.none)).toFixed(3),
          },
          { title: 'at 100 %', numeric: true, cell: (l) => l.all.toFixed(3) },
        ],
        lines,
      ),
    ),
  );
}

function weights(ctx: CompareContext, choice: Choice, chosen: ContextChoice): HTMLElement {
  const rows = choice.terms.map((term, t) => ({ term, t }));
  return dataTable(
    'Weights and terms',
    [
      {
        title: 'Term',
        head: true,
        cell: ({ term }) => h('span', {}, terms[term.name], h('small', { class: 'range' }, term.text)),
      },
      { title: 'Weight', numeric: true, cell: ({ t }) => percent(chosen.weights[t] ?? 0) },
      ...choice.candidates.map((model, c) => ({
        title: ctx.comparison.models[model]?.name ?? '',
        numeric: true,
        cell: ({ term }: (typeof rows)[number]) => percent(term.values[c] ?? 0),
      })),
      {
        title: 'The choice stays within',
        numeric: true,
        cell: ({ t }) => {
          const stays = chosen.sensitivity[t];
          return stays ? `${percent(stays.low)} to ${percent(stays.high)}` : '–';
        },
      },
    ],
    rows,
  );
}

function every(ctx: CompareContext, choice: Choice): HTMLElement {
  return dataTable(
    'The choice in every context',
    [
      { title: 'Context', head: true, cell: (c) => contexts[c.context][0] },
      { title: 'Choice', cell: (c) => ctx.comparison.models[c.winner]?.name },
      { title: 'Certainty', cell: (c) => tag(...certainties[c.certainty]) },
      {
        title: 'First in resamples',
        numeric: true,
        cell: (c) => percent(c.utilities.find(({ model }) => model === c.winner)?.wins ?? 0),
      },
      ...choice.terms.map(({ name }, t) => ({
        title: terms[name],
        numeric: true,
        cell: (c: ContextChoice) => percent(c.weights[t] ?? 0, 0),
      })),
    ],
    choice.byContext,
  );
}
