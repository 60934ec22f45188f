import type { OutputThreatReport, RegressionReport } from '../../src/engine/report/regression';
import type { Figure } from '../../src/engine/report/schema';
import { isPartial, type OutputContext } from '../context';
import { type Child, h } from '../dom';
import { count, percent, plural, quantity, quantityInterval } from '../format';
import { type Bar, bars, info, section, stat } from '../parts';
import { figure } from '../section/headline';
import { threatPanel, threatTabs } from '../section/threatTabs';

const written = { value: quantity, interval: quantityInterval };

/** Clean errors against the worst that attacks reached, under the selected threat model. */
export function outputHeadline(ctx: OutputContext): HTMLElement {
  const { report, threat } = ctx;
  const { clean } = report;
  const worst = threat?.worstCase ?? null;
  const absent = threat === null ? 'not evaluated' : 'no attack has finished';
  return section(
    'headline',
    'Summary',
    threatTabs(ctx),
    threatPanel(
      ctx,
      h(
        'div',
        { class: 'figures' },
        figure(
          'clean',
          'Clean error',
          'MAE',
          clean?.mae ?? null,
          'measuring…',
          clean === null ? '' : `Over ${plural(clean.mae.n, 'example')}, without an attack.`,
          info(ctx, 'mae', 'mean absolute error'),
          written,
        ),
        figure(
          'robust',
          'Error in the worst case',
          'MAE at least',
          worst?.mae ?? null,
          absent,
          worstNote(ctx),
          info(ctx, 'worstCase', 'worst case'),
          written,
        ),
        third(ctx, absent),
      ),
      clean === null || worst === null ? null : comparison(clean, worst),
      scores(ctx),
    ),
  );
}

function worstNote(ctx: OutputContext): string {
  const { threat, report } = ctx;
  if (threat === null) return '';
  if (isPartial(ctx)) {
    return `So far: ${count(threat.examplesDone)} of ${plural(report.data.count, 'example')} have met every attack. It can only grow.`;
  }
  return 'The largest error that any attack reached, of each example. A stronger attack may raise it; nothing is certified.';
}

/** Within tolerance where the spec states one, else how far an output was moved. */
function third(ctx: OutputContext, absent: string): HTMLElement {
  const { report, threat } = ctx;
  const { tolerance, clean } = report;
  if (tolerance !== null) {
    const allowed = tolerance.relative ? `${quantity(100 * tolerance.value)}\u00a0%` : quantity(tolerance.value);
    const without = clean?.withinTolerance ? ` Without an attack ${percent(clean.withinTolerance.value)}.` : '';
    return figure(
      'tolerance',
      'Within tolerance',
      'at most',
      threat?.withinTolerance ?? null,
      absent,
      `Every output stays within ${allowed} of its target, whatever was tried.${without}`,
      info(ctx, 'withinTolerance', 'within tolerance'),
    );
  }
  return figure(
    'tolerance',
    'Change of an output',
    'mean at least',
    threat?.worstCase?.meanChange ?? null,
    absent,
    'From what the model predicts without an attack. The spec states no tolerance.',
    info(ctx, 'meanChange', 'mean change'),
    written,
  );
}

type Clean = NonNullable<RegressionReport['clean']>;
type Worst = NonNullable<OutputThreatReport['worstCase']>;

function comparison(clean: Clean, worst: Worst): HTMLElement {
  const scale = Math.max(clean.mae.high, worst.mae.high, clean.rmse.high, worst.rmse.high) || 1;
  const bar = (label: string, found: Figure, kind: Bar['kind'], aside?: string): Bar => ({
    label,
    kind,
    text: `${kind === 'robust' ? '≥ ' : ''}${quantity(found.value)}`,
    value: found.value / scale,
    low: found.low / scale,
    high: found.high / scale,
    interval: quantityInterval(found),
    ...(aside === undefined ? {} : { aside }),
  });
  return h(
    'div',
    { class: 'comparison' },
    bars(
      bar('MAE, clean', clean.mae, 'clean'),
      bar('MAE, worst case', worst.mae, 'robust', times(clean.mae.value, worst.mae.value)),
      bar('RMSE, clean', clean.rmse, 'clean'),
      bar('RMSE, worst case', worst.rmse, 'robust', times(clean.rmse.value, worst.rmse.value)),
    ),
  );
}

/** `3.3 times the clean one`; nothing where the clean error is zero. */
function times(clean: number, worst: number): string {
  return clean > 0 ? `${quantity(Number((worst / clean).toPrecision(2)))} times the clean one` : '';
}

function scores(ctx: OutputContext): HTMLElement | null {
  const { clean } = ctx.report;
  const worst = ctx.threat?.worstCase ?? null;
  const more = (term: string, label: string): Child => info(ctx, term, label, 'scores');
  const of = (term: string, label: string, found: Figure | null | undefined) =>
    found ? stat(label, quantity(found.value), quantityInterval(found), more(term, label), term) : null;
  const items = [
    of('r2', 'R², clean', clean?.r2),
    of('medianError', 'Median error, clean', clean?.medianError),
    ctx.report.tolerance === null ? null : of('meanChange', 'Mean change, at least', worst?.meanChange),
    worst === null
      ? null
      : stat(
          'Largest change, at least',
          quantity(worst.maxChange),
          'of any output',
          more('maxChange', 'largest change'),
          'maxChange',
        ),
  ];
  return items.every((item) => item === null) ? null : h('dl', { class: 'scores' }, ...items);
}
