import type { AnyReport } from '../../src/engine/report/regression';
import type { Context } from '../context';
import { type Child, h } from '../dom';
import { bytes, compact, count, date, duration, fileName, plural, significant } from '../format';
import { hash, link, prose, section, toggle } from '../parts';

type Entry = readonly [term: string, ...values: Child[]];

/** What was run, on what, with what: enough to repeat it. */
export function provenance(ctx: Context<AnyReport>): HTMLElement {
  const { report } = ctx;
  return section(
    'provenance',
    'Provenance',
    h('span', { class: 'muted' }, 'what it takes to repeat this'),
    h(
      'div',
      { class: 'facts' },
      facts('Model', modelFacts(report)),
      facts('Data', dataFacts(report)),
      facts('Run', runFacts(report)),
    ),
    report.inferred.length === 0
      ? null
      : h(
          'div',
          { class: 'inferred' },
          h('h3', {}, 'Settings that were inferred, not stated'),
          h('ul', {}, ...report.inferred.map((line) => h('li', {}, ...prose(line)))),
        ),
    toggle(
      ctx,
      'operators',
      `Operators (${count(Object.keys(report.model.operators).length)} kinds)`,
      operators(report),
    ),
    toggle(
      ctx,
      'spec',
      'Resolved evaluation spec',
      h('pre', { tabindex: 0, 'aria-label': 'Resolved evaluation spec' }, JSON.stringify(report.spec, null, 2)),
    ),
  );
}

function facts(title: string, entries: readonly (Entry | null)[]): HTMLElement {
  return h(
    'div',
    {},
    h('h3', {}, title),
    h(
      'dl',
      {},
      ...entries.flatMap((entry) => {
        if (entry === null) return [];
        const [term, ...values] = entry;
        return [h('dt', {}, term), h('dd', {}, ...values)];
      }),
    ),
  );
}

function modelFacts({ model }: AnyReport): (Entry | null)[] {
  const tensors = (infos: AnyReport['model']['inputs']) =>
    infos.map(({ name, type, shape }) => `${name} ${type}[${shape.join(', ')}]`).join('; ');
  const { gradient } = model;
  return [
    model.ensemble ? ['Ensemble', model.path] : ['File', link('openFile', model.path, model.path)],
    ['SHA-256', hash(model.sha256)],
    ...(model.ensemble?.members ?? []).map(
      ({ path, sha256 }): Entry => ['Member', link('openFile', path, path), ' ', hash(sha256)],
    ),
    ['Size', `${bytes(model.bytes)}, ${compact(model.parameters)} parameters, opset ${model.opset}`],
    ['Inputs', tensors(model.inputs)],
    ['Outputs', tensors(model.outputs)],
    ['Batch', BATCH[model.batch]],
    model.bypassed === null ? null : ['Bypassed', `${model.bypassed}, so that losses see logits`],
    model.widened === undefined
      ? null
      : [
          'Precision',
          `${model.widened.join(' and ')} in the file; attacks compute in float32, the verifier runs the file`,
        ],
    model.cutOff === undefined
      ? null
      : ['Cut off', `${model.cutOff.join(', ')}, for the verifier too: it returns maps`],
    model.labelsOnly === undefined
      ? null
      : [
          'Labels',
          model.scoresBefore === undefined
            ? 'alone: the file holds no scores'
            : `returned by the file; attacks see what goes into its ${model.scoresBefore}`,
        ],
    model.random === undefined ? null : ['Random', `${model.random.join(', ')}: scores differ from run to run`],
    [
      'Gradient',
      gradient.available
        ? model.ensemble?.surrogate !== undefined
          ? 'of the mean probabilities, in the place of the vote'
          : gradient.straightThrough.length === 0
            ? 'exact'
            : `straight-through estimate for ${gradient.straightThrough.join(', ')}`
        : `not available through ${gradient.unavailable.map((name) => withReason(name, gradient.reasons)).join(', ')}`,
    ],
  ];
}

const withReason = (name: string, reasons: Readonly<Record<string, string>> | undefined) =>
  reasons?.[name] ? `${name} (${reasons[name]})` : name;

const BATCH = {
  dynamic: 'dynamic',
  rewritten: 'made dynamic, checked against the original',
  'fixed-1': 'fixed at 1',
} as const;

function dataFacts({ data }: AnyReport): (Entry | null)[] {
  return [
    ['File', link('openFile', data.path, data.path)],
    ['SHA-256', hash(data.sha256)],
    ['Examples', `${count(data.count)} of ${count(data.available)}`],
    ...(data.kind === 'text'
      ? []
      : ([
          ['Shape', shapeOf(data)],
          ...(data.sampleRate === undefined ? [] : ([['Sampling', samplingOf(data.sampleRate)]] satisfies Entry[])),
          ['Bounds', data.range === null ? 'none' : `${data.range[0]} to ${data.range[1]}`],
        ] satisfies Entry[])),
    data.unit === 1 ? null : ['Unit', `stored values are divided by ${data.unit}`],
    data.classes.length === 0
      ? null
      : ['Classes', data.classes.length > 12 ? `${data.classes.slice(0, 12).join(', ')}, …` : data.classes.join(', ')],
  ];
}

/** `3 × 32 × 32`; of signals what the numbers are. */
function shapeOf({ kind, shape }: AnyReport['data']): string {
  const [channels, frames] = shape;
  return kind === 'series' && shape.length === 2
    ? `${plural(channels ?? 0, 'channel')} × ${plural(frames ?? 0, 'frame')}`
    : shape.join(' × ');
}

function samplingOf(rate: number): string {
  return rate >= 1000 ? `${significant(rate / 1000)} kHz` : `${significant(rate)} Hz`;
}

function runFacts(report: AnyReport): (Entry | null)[] {
  const { environment: env } = report;
  return [
    ['Created', date(report.createdAt)],
    ['Wall time', duration(report.wallSeconds)],
    ['Seed', String(report.seed)],
    ['Tool', `${report.tool.name} ${report.tool.version}`],
    ['ONNX Runtime', `${env.onnxruntime}, ${env.executionProvider}, ${env.threads} threads`],
    env.providerReason ? ['Provider', `${env.requestedProvider} was asked for: ${env.providerReason}`] : null,
    env.batchSize === undefined ? null : ['Batch size', String(env.batchSize)],
    ['Platform', `${env.platform}, Node ${env.node}`],
    report.specPath === null
      ? ['Spec', 'none: defaults and inferred settings']
      : ['Spec', link('openFile', report.specPath, fileName(report.specPath))],
    ['Spec SHA-256', hash(report.specSha256)],
  ];
}

function operators({ model }: AnyReport): HTMLElement {
  const sorted = Object.entries(model.operators).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  return h(
    'ul',
    { class: 'operators' },
    ...sorted.map(([name, n]) => h('li', {}, name, h('span', { class: 'muted' }, ` × ${count(n)}`))),
  );
}
