import { renderCsv } from '../../engine/report/csv';
import { renderHtml } from '../../engine/report/html';
import { renderMarkdown } from '../../engine/report/markdown';
import type { AnyReport } from '../../engine/report/regression';
import { renderSarif } from '../../engine/report/sarif';
import { readAnyReport } from '../../engine/report/store';
import { type Command, exitCode, jsonOption } from '../command';
import { saveText } from '../save';

const renderers = {
  md: renderMarkdown,
  html: renderHtml,
  csv: renderCsv,
  sarif: (report: AnyReport) => renderSarif([report]),
} as const;

export const reportCommand: Command = {
  name: 'report',
  usage: 'REPORT [--format md|html|csv|sarif | --json] [--out FILE]',
  summary: 'A report in another format.',
  options: {
    format: { type: 'string', value: 'F', help: 'Format; md if absent.', choices: Object.keys(renderers) },
    out: { type: 'string', value: 'FILE', help: 'Where to write it; standard output if absent.' },
    ...jsonOption,
  },
  positionals: { least: 1, most: 1 },
  async run(args, terminal) {
    const report = await readAnyReport(args.positionals[0] as string);
    const text = args.flag('json')
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderers[(args.text('format') ?? 'md') as keyof typeof renderers](report);
    const out = args.text('out');
    if (out === undefined) terminal.out(text);
    else await saveText(out, text);
    return exitCode.done;
  },
};
