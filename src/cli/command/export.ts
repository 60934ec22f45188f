import { RobustnessError } from '../../engine/error';
import { exportExamples } from '../../engine/export/export';
import type { ExportRequest, ExportResult, ExportSubject } from '../../engine/export/request';
import { percent } from '../../engine/report/words';
import { type Arguments, type Command, exitCode, jsonOption } from '../command';
import { ProgressView } from '../progress';
import { requiredOption } from '../require';
import { runtimeOptions, runtimeSettings } from '../runtimeOptions';

export const exportCommand: Command = {
  name: 'export',
  usage:
    'REPORT | SPEC [--model M] (--adversarial THREAT | --corrupted [NAME,…] [--severity K,…]) --out FILE.npz [--json]',
  summary: 'Adversarial or corrupted examples as .npz, to train on.',
  details: [
    'Of a report, its evaluation is made again with its seed, and the file is held against its figures; model and data must be the same.',
    'x is in the layout and the units of the data as they are stored; beside it are y, index (position in the data set) and, of adversarial',
    'examples, y_pred and distance, of corrupted ones corruption (position in corruption_names) and severity.',
    '--corrupted all takes the corruptions of the spec. The examples are those of the test data, unless the spec names others: to train on',
    'them, name training data in a spec of its own, or figures on these test data mean nothing any more.',
    'Exit code 1: the file does not hold what the report counts.',
  ],
  options: {
    adversarial: { type: 'string', value: 'THREAT', help: 'Name of a threat model.' },
    corrupted: { type: 'string', value: 'NAME,…', help: 'Corruptions by name, or all: those of the spec.' },
    severity: { type: 'string', value: 'K,…', help: '1 to 5; those of the spec if absent.' },
    model: { type: 'string', value: 'M', help: 'Model, where the spec names several.' },
    limit: { type: 'string', value: 'N', help: 'Use at most so many examples; of a spec.' },
    out: { type: 'string', value: 'FILE', help: 'Where to write them.' },
    ...runtimeOptions,
    ...jsonOption,
  },
  positionals: { least: 1, most: 1 },
  async run(args, terminal) {
    const view = new ProgressView(terminal);
    const result = await exportExamples(requestOf(args), ({ stage, done, total }) =>
      view.show({ stage, done, total, secondsLeft: null }),
    );
    view.clear();
    terminal.out(args.flag('json') ? `${JSON.stringify(result, null, 2)}\n` : sentences(result));
    return result.report === null || result.report.agrees ? exitCode.done : exitCode.failed;
  },
};

function requestOf(args: Arguments): ExportRequest {
  const [given = ''] = args.positionals;
  const isReport = /\.robustness\.json$/i.test(given);
  const model = args.text('model');
  const limit = args.integer('limit', 1);
  if (isReport && (model !== undefined || limit !== undefined)) {
    throw new RobustnessError(
      'usage/arguments',
      'A report says which model and how many examples it is of.',
      'Leave --model and --limit out, or name the spec.',
    );
  }
  return {
    ...(isReport ? { reportPath: given } : {}),
    evaluation: {
      ...(isReport ? {} : { specPath: given }),
      ...(model === undefined ? {} : { modelPath: model }),
      ...(limit === undefined ? {} : { limit }),
      ...runtimeSettings(args),
    },
    subject: subjectOf(args),
    out: requiredOption(args, 'out'),
  };
}

function subjectOf(args: Arguments): ExportSubject {
  const threatModel = args.text('adversarial');
  const names = args.text('corrupted');
  const severity = args.text('severity');
  if ((threatModel === undefined) === (names === undefined)) {
    throw new RobustnessError(
      'usage/arguments',
      'What to export was not said, or said twice.',
      'Give either --adversarial THREAT or --corrupted NAME (or all).',
    );
  }
  if (threatModel !== undefined) {
    if (severity === undefined) return { kind: 'adversarial', threatModel };
    throw new RobustnessError('usage/arguments', 'Attacks have no severity.', 'Leave --severity out.');
  }
  const list = (text: string) => text.split(',').map((part) => part.trim());
  return {
    kind: 'corrupted',
    ...(names === 'all' ? {} : { names: list(names!) }),
    ...(severity === undefined ? {} : { severities: list(severity).map(Number) }),
  };
}

function sentences({ out, kind, examples, shape, errorRate, report, notes }: ExportResult): string {
  const wrong =
    errorRate === null ? '' : ` The model is wrong about ${percent(errorRate)} of them, read again from the file.`;
  const against =
    report === null
      ? []
      : [
          report.agrees
            ? `That is what the report counts: ${report.wrong}.`
            : `The report counts ${report.wrong}, the file has ${report.found}.`,
        ];
  return `${[`Wrote ${examples} ${kind} examples to ${out}: x is (${shape.join(', ')}).${wrong}`, ...against, ...notes].join('\n')}\n`;
}
