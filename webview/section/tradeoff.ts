import type { Figure } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { h } from '../dom';
import { points, threatLabel } from '../format';
import { bars, section, shareBar } from '../parts';

/** Clean accuracy beside robust accuracy under every threat model. */
export function tradeoff(ctx: Context): HTMLElement | null {
  const { report, threat } = ctx;
  const clean = report.clean?.accuracy;
  const measured = report.threatModels.filter((model) => model.robustAccuracy !== null);
  if (clean === undefined || measured.length === 0) return null;
  return section(
    'tradeoff',
    'Trade-off',
    h('span', { class: 'muted' }, 'clean against robust'),
    bars(
      shareBar(clean, { label: 'Clean', kind: 'clean', faded: true }),
      ...measured.map((model) => {
        const robust = model.robustAccuracy as Figure;
        return shareBar(robust, {
          label: threatLabel(model),
          note: model.name,
          kind: 'robust',
          aside: `${points(robust.value - clean.value)} points`,
          faded: model !== threat,
        });
      }),
    ),
  );
}
