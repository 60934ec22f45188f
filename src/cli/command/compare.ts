import { compareReports, comparisonTable, renderComparisonHtml } from '../../engine/report/compare';
import { readReport } from '../../engine/report/store';
import { type Command, exitCode, jsonOption } from '../command';
import { textTable } from '../table';

export const compareCommand: Command = {
  name: 'compare',
  usage: 'REPORT… [--format table|json|html]',
  summary: 'Clean against robust, one row a model and threat model.',
  options: {
    format: { type: 'string', value: 'F', help: 'What to print.', choices: ['table', 'json', 'html'] },
    ...jsonOption,
  },
  positionals: { least: 1, most: Number.POSITIVE_INFINITY },
  async run(args, terminal) {
    const reports = await Promise.all(args.positionals.map((path) => readReport(path)));
    const format = args.flag('json') ? 'json' : (args.text('format') ?? 'table');
    if (format === 'json') terminal.out(`${JSON.stringify(compareReports(reports), null, 2)}\n`);
    else if (format === 'html') terminal.out(renderComparisonHtml(reports));
    else {
      const { columns, rows } = comparisonTable(reports);
      terminal.out(textTable(columns, rows));
      for (const note of compareReports(reports).notes) terminal.out(`\n${note}\n`);
    }
    return exitCode.done;
  },
};
