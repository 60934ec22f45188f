import type { Ladder } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { h } from '../dom';
import { percent, plural, points } from '../format';
import { bars, section, shareBar } from '../parts';

type Rung = Ladder['rungs'][number];

/** A step too small to speak of: less than one example of the sample. */
const nothing = 1e-9;

/** The evaluation that would have claimed most, and the strongest; null without two rungs. */
export function widestStep(rungs: readonly Rung[]): { readonly weakest: Rung; readonly strongest: Rung } | null {
  const strongest = rungs.at(-1);
  const [first, ...others] = rungs.slice(0, -1);
  if (strongest === undefined || first === undefined) return null;
  const weakest = others.reduce((most, rung) => (rung.accuracy.value > most.accuracy.value ? rung : most), first);
  return { weakest, strongest };
}

/** What ever stronger attacks leave of one sample: how much a weak evaluation would have claimed too much. */
export function ladder({ report, threat }: Context): HTMLElement | null {
  const rungs = report.checks.ladder?.find(({ threatModel }) => threatModel === threat?.name)?.rungs ?? [];
  const step = widestStep(rungs);
  if (step === null) return null;
  const { weakest, strongest } = step;
  const top = weakest.accuracy.value;
  return section(
    'ladder',
    'Weak and strong attacks',
    h('span', { class: 'muted' }, `on the same ${plural(strongest.accuracy.n, 'example')}`),
    lesson(weakest, strongest),
    bars(
      ...rungs.map((rung) => {
        const lost = rung.accuracy.value - top;
        return shareBar(rung.accuracy, {
          label: rung.title,
          kind: 'robust',
          beyond: top,
          faded: rung !== strongest,
          ...(lost < -nothing ? { aside: `${points(lost)} points` } : {}),
        });
      }),
    ),
  );
}

function lesson(weakest: Rung, strongest: Rung): HTMLElement {
  const gap = weakest.accuracy.value - strongest.accuracy.value;
  if (gap < nothing) {
    return h('p', { class: 'lesson' }, `Here ${weakest.title} alone breaks as many as all attacks together.`);
  }
  return h(
    'p',
    { class: 'lesson' },
    `A report that stops at ${weakest.title} would have said `,
    h('strong', {}, percent(weakest.accuracy.value)),
    '. All attacks leave ',
    h('strong', {}, percent(strongest.accuracy.value)),
    `: ${points(gap).slice(1)} points less.`,
  );
}
