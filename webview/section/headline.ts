import type { Figure } from '../../src/engine/report/schema';
import { type Context, isPartial } from '../context';
import { type Child, h } from '../dom';
import { count, epsilonLabel, interval, listed, percent, plural } from '../format';
import { icon } from '../icons';
import { info, section, stat } from '../parts';
import { bracketBar } from './bracket';
import { halfLife, steepestFall } from './curve';
import { threatPanel, threatTabs } from './threatTabs';

/** Clean against robust against certified, under the selected threat model, and what follows from them. */
export function headline(ctx: Context): HTMLElement {
  const { report, threat } = ctx;
  const { clean } = report;
  // A random model has no accuracy of its own: what is measured estimates the mean over its draws.
  const expected = report.model.random === undefined ? '' : 'Expected ';
  const title = (name: string) => (expected === '' ? name : `${expected}${name.toLowerCase()}`);
  return section(
    'headline',
    'Summary',
    threatTabs(ctx),
    threatPanel(
      ctx,
      caveats(ctx),
      h(
        'div',
        { class: 'figures' },
        figure(
          'clean',
          title('Clean accuracy'),
          '',
          clean?.accuracy ?? null,
          'measuring…',
          cleanNote(ctx),
          info(ctx, 'accuracy', 'clean accuracy'),
        ),
        figure(
          'robust',
          title('Robust accuracy'),
          'at most',
          threat?.robustAccuracy ?? null,
          threat === null ? 'not evaluated' : 'no attack has finished',
          robustNote(ctx),
          info(ctx, 'robustAccuracy', 'robust accuracy'),
        ),
        figure(
          'certified',
          'Certified accuracy',
          'at least',
          threat?.certifiedAccuracy ?? null,
          'not certified',
          threat?.certifiedAccuracy
            ? 'Proved: no perturbation within the threat model changes these answers.'
            : 'Without a proof the lower bound is 0 %: attacks alone cannot show robustness.',
          info(ctx, 'certifiedAccuracy', 'certified accuracy'),
        ),
      ),
      clean === null
        ? null
        : bracketBar({
            clean: clean.accuracy,
            attacked: threat?.robustAccuracy ?? null,
            certified: threat?.certifiedAccuracy ?? null,
            partial: isPartial(ctx),
          }),
      verdict(ctx),
      scores(ctx),
    ),
  );
}

/** What the model is that changes how the figures are read; nothing of most. */
function caveats({ report: { model } }: Context): HTMLElement | null {
  const lines = [
    model.random === undefined
      ? null
      : `The model is random (${listed(model.random)}): figures are expected ones, and another run may differ by chance.`,
    model.labelsOnly !== true
      ? null
      : model.scoresBefore === undefined
        ? 'The file returns labels alone, and holds no scores: only attacks by labels ran.'
        : `The file returns labels; attacks by scores and gradients take what goes into its ${model.scoresBefore}, and the verifier the labels.`,
    model.cutOff === undefined
      ? null
      : `${listed(model.cutOff)} behind the scores ${model.cutOff.length === 1 ? 'was' : 'were'} left out.`,
  ].filter((line) => line !== null);
  return lines.length === 0
    ? null
    : h('ul', { class: 'caveats' }, ...lines.map((line) => h('li', {}, icon('info'), h('span', {}, line))));
}

export function figure(
  name: string,
  label: string,
  bound: string,
  value: Figure | null,
  absent: string,
  note: Child,
  more: Child,
  written: { readonly value: (value: number) => string; readonly interval: (figure: Figure) => string } = {
    value: percent,
    interval,
  },
): HTMLElement {
  return h(
    'div',
    { class: `figure figure-${name}` },
    h('h3', {}, label, more),
    value === null
      ? h('p', { class: 'figure-value figure-absent' }, absent)
      : h(
          'p',
          { class: 'figure-value' },
          bound === '' ? null : h('span', { class: 'bound' }, bound),
          h('data', { value: value.value, 'data-figure': name }, written.value(value.value)),
        ),
    value === null ? null : h('p', { class: 'figure-interval' }, `95 % interval ${written.interval(value)}`),
    h('p', { class: 'figure-note' }, note),
  );
}

function cleanNote({ report }: Context): string {
  return report.clean === null ? '' : `Over ${plural(report.clean.accuracy.n, 'example')}, without an attack.`;
}

function robustNote(ctx: Context): string {
  const { report, threat } = ctx;
  if (threat === null) return '';
  if (isPartial(ctx)) {
    return `So far: ${count(threat.examplesDone)} of ${plural(report.data.count, 'example')} have met every attack. It can only fall.`;
  }
  const counted = threat.target
    ? 'Over all examples; broken is one whose target class was reached, and a clean error counts as not robust.'
    : 'Over all examples: a clean error counts as not robust.';
  return threat.robustAccuracy?.value === 0 ? `${counted} None is left.` : `${counted} A stronger attack may lower it.`;
}

function verdict(ctx: Context): HTMLElement | null {
  const { report, threat } = ctx;
  const degradation = threat?.degradation ?? report.summary.degradation;
  if (threat === null || degradation === null) return null;
  const fall = steepestFall(threat.curve);
  // Between one character and two there is nothing.
  const half = threat.norm === 'edits' ? null : halfLife(threat.curve);
  const epsilon = (value: number) => epsilonLabel(value, threat.epsilonText);
  // The verdict is about the ball of the threat model: a cliff just outside it must not read as part of a gradual fall.
  const where =
    fall !== null && fall.from >= threat.epsilon ? 'Beyond the threat model the steepest fall is' : 'Steepest fall:';
  const detail =
    fall === null
      ? ''
      : ` ${where} ${(100 * fall.drop).toFixed(1)} points between ε\u00a0=\u00a0${epsilon(fall.from)} and ${epsilon(fall.to)}.`;
  return h(
    'p',
    { class: `verdict verdict-${degradation}` },
    h('strong', {}, degradation === 'sudden' ? 'Sudden collapse' : 'Graceful degradation'),
    info(ctx, 'degradation', 'graceful and sudden'),
    degradation === 'sudden'
      ? ' Accuracy collapses: more than half of it within half of ε, or less than a tenth is left at ε.'
      : ` Accuracy falls gradually up to ε\u00a0=\u00a0${epsilon(threat.epsilon)}.`,
    detail,
    half === null ? '' : ` Half of the clean accuracy is gone at ε\u00a0≈\u00a0${epsilon(half)}.`,
  );
}

function scores(ctx: Context): HTMLElement | null {
  const { report, threat } = ctx;
  const success = threat?.attackSuccessRate ?? null;
  const items = [
    report.summary.robustnessScore === null
      ? null
      : score(ctx, 'robustnessScore', 'Robustness score', report.summary.robustnessScore.toFixed(2), 'of 1'),
    report.corruptions === null
      ? null
      : score(ctx, 'stabilityIndex', 'Stability index', report.corruptions.stabilityIndex.value.toFixed(2), 'of 1'),
    success === null
      ? null
      : score(
          ctx,
          'attackSuccessRate',
          isPartial(ctx) ? 'Attack success so far' : 'Attack success',
          percent(success.value),
          threat?.target
            ? `of ${plural(success.n, 'pair')} of example and target`
            : `of ${count(success.n)} classified correctly`,
        ),
    report.clean?.ece == null
      ? null
      : score(ctx, 'ece', 'Calibration error', percent(report.clean.ece.value), 'ECE, clean'),
  ];
  if (items.every((item) => item === null)) return null;
  return h('dl', { class: 'scores' }, ...items);
}

function score(ctx: Context, term: string, label: string, value: string, note: string): HTMLElement {
  return stat(label, value, note, info(ctx, term, label), term);
}
