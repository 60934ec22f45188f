import type { Figure, ThreatModelReport } from '../../src/engine/report/schema';
import { type Context, isPartial } from '../context';
import { type Child, h } from '../dom';
import { count, epsilonLabel, interval, normLabel, percent, plural } from '../format';
import { info, section } from '../parts';
import { bracketBar } from './bracket';
import { halfLife, steepestFall } from './curve';

/** Clean against robust against certified, under the selected threat model, and what follows from them. */
export function headline(ctx: Context): HTMLElement {
  const { report, threat } = ctx;
  const { clean } = report;
  return section(
    'headline',
    'Summary',
    tabs(ctx),
    h(
      'div',
      { id: 'panel', role: report.threatModels.length > 1 ? 'tabpanel' : null, 'aria-labelledby': tabId(threat) },
      h(
        'p',
        { class: 'threat' },
        threat === null ? 'No threat model was evaluated.' : threat.description,
        bounds(threat),
      ),
      h(
        'div',
        { class: 'figures' },
        figure(
          'clean',
          'Clean accuracy',
          '',
          clean?.accuracy ?? null,
          'measuring…',
          cleanNote(ctx),
          info(ctx, 'accuracy', 'clean accuracy'),
        ),
        figure(
          'robust',
          'Robust accuracy',
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

/** One tab a threat model; arrow keys move between them. */
function tabs({ report, threat }: Context): HTMLElement | null {
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
        `${normLabel(model.norm)} ε = ${model.epsilonText}`,
        h('small', {}, model.name),
      ),
    ),
  );
}

function tabId(model: ThreatModelReport | null): string | null {
  return model === null ? null : `tab-${model.name}`;
}

function bounds(threat: ThreatModelReport | null): string {
  if (threat === null) return '';
  const queries = threat.queries === null ? '' : ` At most ${plural(threat.queries, 'query', 'queries')} an example.`;
  return queries;
}

function figure(
  name: string,
  label: string,
  bound: string,
  value: Figure | null,
  absent: string,
  note: Child,
  more: Child,
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
          h('data', { value: value.value, 'data-figure': name }, percent(value.value)),
        ),
    value === null ? null : h('p', { class: 'figure-interval' }, `95 % interval ${interval(value)}`),
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
  const counted = 'Over all examples: a clean error counts as not robust.';
  return threat.robustAccuracy?.value === 0 ? `${counted} None is left.` : `${counted} A stronger attack may lower it.`;
}

function verdict(ctx: Context): HTMLElement | null {
  const { report, threat } = ctx;
  const degradation = threat?.degradation ?? report.summary.degradation;
  if (threat === null || degradation === null) return null;
  const fall = steepestFall(threat.curve);
  const half = halfLife(threat.curve);
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
      ? ' Accuracy collapses over a small step of ε.'
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
          `of ${count(success.n)} classified correctly`,
        ),
    report.clean?.ece == null
      ? null
      : score(ctx, 'ece', 'Calibration error', percent(report.clean.ece.value), 'ECE, clean'),
  ];
  if (items.every((item) => item === null)) return null;
  return h('dl', { class: 'scores' }, ...items);
}

function score(ctx: Context, term: string, label: string, value: string, note: string): HTMLElement {
  return h(
    'div',
    {},
    h('dt', {}, label, info(ctx, term, label)),
    h('dd', {}, h('b', { 'data-figure': term }, value), ' ', h('span', { class: 'muted' }, note)),
  );
}
