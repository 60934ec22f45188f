import type { Cost, Recommendation } from '../../src/engine/recommend/types';
import type { AnyReport } from '../../src/engine/report/regression';
import type { Context } from '../context';
import { h } from '../dom';
import { plural } from '../format';
import { icon } from '../icons';
import { prose, section, toggle } from '../parts';

/** What the figures ask for: each with what asks for it, what it cost elsewhere, and what would show that it worked. */
export function recommendations(ctx: Context<AnyReport>): HTMLElement | null {
  const { recommendations: found } = ctx;
  const [first] = found;
  if (first === undefined) return null;
  return section(
    'recommendations',
    'Recommendations',
    h('span', { class: 'muted' }, `what the figures ask for, in the context “${first.context}”`),
    h('ol', { class: 'recommendations' }, ...found.map((each, i) => recommendation(each, i, ctx))),
  );
}

function recommendation(found: Recommendation, i: number, ctx: Context<AnyReport>): HTMLElement {
  const { technique, title, why, triggers, action, costs, gates, evidence, gain } = found;
  return h(
    'li',
    { class: 'recommendation', 'data-key': `recommendation-${technique}` },
    h('p', { class: 'recommendation-rank', 'aria-hidden': 'true' }, i + 1),
    h(
      'div',
      { class: 'recommendation-body' },
      h('h3', {}, title),
      h('p', {}, ...prose(why)),
      h('ul', { class: 'evidence' }, ...triggers.slice(0, shownTriggers).map(({ text }) => h('li', {}, text))),
      triggers.length > shownTriggers
        ? h('p', { class: 'muted' }, `and ${plural(triggers.length - shownTriggers, 'figure')} more`)
        : null,
      h('p', { class: 'advice' }, icon('arrow'), h('span', {}, ...prose(action))),
      gates.length === 0 && evidence === undefined
        ? null
        : h(
            'p',
            { class: 'shown-by' },
            h('span', { class: 'muted' }, 'It worked if '),
            ...gates.flatMap((gate, k) => [k === 0 ? null : ', ', h('code', {}, gate)]),
            gates.length > 0 && evidence !== undefined ? '; ' : null,
            evidence ?? null,
          ),
      costs.length > 0
        ? toggle(
            ctx,
            `cost-${technique}`,
            `What it cost elsewhere (${plural(costs.length, 'source')})`,
            costList(costs),
          )
        : // To evaluate better costs the model nothing.
          gain === null
          ? null
          : h('p', { class: 'muted' }, 'Cost on clean accuracy: not reported.'),
    ),
  );
}

/** Figures that are listed; a report may hold dozens that ask for the same. */
const shownTriggers = 4;

function costList(costs: readonly Cost[]): HTMLElement {
  return h(
    'ul',
    { class: 'costs' },
    ...costs.map(({ text, source }) => h('li', {}, text, ' ', h('cite', { class: 'muted' }, source))),
  );
}
