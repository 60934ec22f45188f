import type { AnyReport } from '../../src/engine/report/regression';
import type { Context } from '../context';
import { type Child, h } from '../dom';
import { plural, threatLabel } from '../format';

type Threat = AnyReport['threatModels'][number];

/** One tab a threat model; arrow keys move between them. */
export function threatTabs({ report, threat }: Context<AnyReport>): HTMLElement | null {
  if (report.threatModels.length < 2) return null;
  return h(
    'div',
    { class: 'tabs', role: 'tablist', 'aria-label': 'Threat model' },
    ...report.threatModels.map((model) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: tabId(model),
          'aria-controls': 'panel',
          'aria-selected': String(model === threat),
          tabindex: model === threat ? 0 : -1,
          'data-action': 'threatModel',
          'data-value': model.name,
        },
        threatLabel(model),
        h('small', {}, model.name),
      ),
    ),
  );
}

/** What the tabs choose: the threat model in words, then what was measured under it. */
export function threatPanel({ report, threat }: Context<AnyReport>, ...children: readonly Child[]): HTMLElement {
  return h(
    'div',
    {
      id: 'panel',
      role: report.threatModels.length > 1 ? 'tabpanel' : null,
      'aria-labelledby': threat === null ? null : tabId(threat),
    },
    h(
      'p',
      { class: 'threat' },
      threat === null ? 'No threat model was evaluated.' : threat.description,
      threat === null || threat.queries === null
        ? ''
        : ` At most ${plural(threat.queries, 'query', 'queries')} an example.`,
    ),
    ...children,
  );
}

function tabId(model: Threat): string {
  return `tab-${model.name}`;
}
