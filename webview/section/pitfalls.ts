import type { AnyReport } from '../../src/engine/report/regression';
import type { Pitfall } from '../../src/engine/report/schema';
import { type Context, isRunning } from '../context';
import { h } from '../dom';
import { listed, plural } from '../format';
import { icon } from '../icons';
import { link, prose, section } from '../parts';
import { button } from '../ui';

const ORDER = { error: 0, warning: 1, info: 2 } as const;
const WORD = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

/** Faults in the evaluation itself: they say how far the figures above may be trusted. */
export function pitfalls(ctx: Context<AnyReport>): HTMLElement {
  const found = ctx.report.pitfalls.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  return section(
    'pitfalls',
    'Pitfalls in this evaluation',
    found.length === 0 ? null : h('span', { class: 'muted' }, tally(found)),
    found.length === 0 ? none(ctx) : h('ul', { class: 'pitfalls' }, ...found.map((each) => pitfall(each, ctx))),
  );
}

function pitfall(found: Pitfall, ctx: Context<AnyReport>): HTMLElement {
  const { rule, severity, message, evidence, advice, mitigation } = found;
  return h(
    'li',
    { class: `pitfall pitfall-${severity}`, 'data-key': `${rule} ${message}` },
    h('p', { class: 'pitfall-severity' }, icon(severity), WORD[severity]),
    h(
      'div',
      { class: 'pitfall-body' },
      h('h3', {}, ...prose(message)),
      evidence.length === 0
        ? null
        : h('ul', { class: 'evidence' }, ...evidence.map((line) => h('li', {}, ...prose(line)))),
      h('p', { class: 'advice' }, icon('arrow'), h('span', {}, ...prose(advice))),
      mitigation === undefined ? null : mitigate(mitigation.label, found, ctx),
      h('p', { class: 'rule' }, link('openRule', rule, rule)),
    ),
  );
}

/** The button that starts the stronger run; the host reads from the report what is to be run. */
function mitigate(label: string, found: Pitfall, ctx: Context<AnyReport>): HTMLElement {
  const all = ctx.report.threatModels.length;
  const named = found.mitigation?.changes.threatModels ?? [];
  const where = named.length > 0 && named.length < all ? `on ${listed(named)}; ` : '';
  return h(
    'p',
    { class: 'mitigation' },
    button(
      {
        'data-action': 'mitigate',
        'data-value': String(ctx.report.pitfalls.indexOf(found)),
        // Several pitfalls may have buttons of the same words.
        'aria-label': `${label}, against: ${found.message}`,
        disabled: isRunning(ctx),
      },
      label,
    ),
    h('small', {}, `${where}the new report replaces this one`),
  );
}

function none(ctx: Context<AnyReport>): HTMLElement {
  const { pitfallRules, report } = ctx;
  const whole = report.status.state === 'complete';
  // Of those, few make sense where there are no classes.
  const checked =
    pitfallRules === null || report.task === 'regression'
      ? ''
      : ` ${plural(pitfallRules, 'rule')} ${pitfallRules === 1 ? 'was' : 'were'} checked.`;
  return h(
    'p',
    { class: 'all-clear' },
    icon(whole ? 'check' : 'history'),
    !whole
      ? 'No pitfall found in the results so far.'
      : `No pitfall found.${checked} That does not prove the evaluation right.`,
  );
}

function tally(found: readonly Pitfall[]): string {
  return (['error', 'warning', 'info'] as const)
    .map((severity) => ({ severity, n: found.filter((p) => p.severity === severity).length }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => plural(n, WORD[severity].toLowerCase()))
    .join(', ');
}
