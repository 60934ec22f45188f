import type { ErrorData } from '../../src/engine/error';
import type { AnyReport } from '../../src/engine/report/regression';
import { type Context, isRunning } from '../context';
import { type Child, h } from '../dom';
import { count, duration } from '../format';
import { type IconName, icon } from '../icons';
import { spinner } from '../parts';
import { button } from '../ui';

/** What stands above the figures: progress of a run, and why they may not be whole or current. */
export function status(ctx: Context<AnyReport>): HTMLElement {
  const { report, stale } = ctx;
  const { state, error } = report.status;
  return h(
    'div',
    { class: 'status', 'data-key': 'status' },
    isRunning(ctx) ? progress(ctx) : null,
    state === 'failed'
      ? banner('failed', 'error', error?.message ?? 'The evaluation failed.', error?.hint ?? 'Run it again.', {
          code: error?.code ?? null,
          action: report.run === null ? null : button({ 'data-action': 'resume' }, 'Resume'),
        })
      : null,
    state === 'interrupted'
      ? banner(
          'interrupted',
          'history',
          'The evaluation was interrupted.',
          'Figures below cover what was finished. Resuming does no finished batch again.',
          { action: report.run === null ? null : button({ 'data-action': 'resume', appearance: 'primary' }, 'Resume') },
        )
      : null,
    stale
      ? banner(
          'stale',
          'warning',
          'The model file has changed since this report was made.',
          'These figures are about the earlier file. Re-run the evaluation to measure the present one.',
          {},
        )
      : null,
  );
}

function progress({ report, secondsLeft }: Context<AnyReport>): HTMLElement {
  const { stage, done, total } = report.status;
  const fraction = total > 0 ? Math.min(1, done / total) : 0;
  return h(
    'div',
    { class: 'progress', 'data-key': 'progress' },
    h(
      'div',
      { class: 'progress-line' },
      spinner(),
      // Only a change of stage is announced; a counter read aloud each second would drown everything else.
      h('strong', { 'aria-live': 'polite' }, stage),
      h(
        'span',
        { class: 'muted' },
        total > 0 ? `${count(done)} of ${count(total)}` : '',
        secondsLeft === null ? '' : `, about ${duration(secondsLeft)} left`,
      ),
      button({ 'data-action': 'cancel' }, 'Cancel'),
    ),
    h(
      'div',
      {
        class: 'progress-track',
        role: 'progressbar',
        'aria-label': 'Evaluation progress',
        'aria-valuemin': 0,
        'aria-valuemax': 100,
        'aria-valuenow': Math.round(100 * fraction),
      },
      h('span', { style: { width: `${(100 * fraction).toFixed(2)}%` } }),
    ),
  );
}

interface BannerExtras {
  readonly code?: string | null;
  readonly action?: Child;
}

function banner(kind: string, sign: IconName, message: string, hint: string, extras: BannerExtras): HTMLElement {
  return h(
    'div',
    { class: `banner banner-${kind}`, 'data-key': kind, role: kind === 'failed' ? 'alert' : 'status' },
    icon(sign),
    h(
      'div',
      { class: 'banner-text' },
      h('strong', {}, message),
      h('p', {}, hint),
      extras.code ? h('code', {}, extras.code) : null,
    ),
    extras.action ?? null,
  );
}

/** The host could not do something: shown above whatever report there is. */
export function hostError(error: ErrorData): HTMLElement {
  return banner('failed', 'error', error.message, error.hint, {
    code: error.code,
    action: h(
      'div',
      { class: 'banner-actions' },
      // What is wrong with the file itself can only be looked at there.
      error.code.startsWith('report/') ? button({ 'data-action': 'openAsText' }, 'Open as text') : null,
      button({ 'data-action': 'dismissError' }, 'Dismiss'),
    ),
  });
}
