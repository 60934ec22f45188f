import { RobustnessError } from '../../engine/error';
import { compareReports, comparisonTable, renderComparisonHtml } from '../../engine/report/compare';
import { page, tableHtml } from '../../engine/report/html';
import { isRegression, type RegressionReport } from '../../engine/report/regression';
import { outputTable } from '../../engine/report/regressionSections';
import { readAnyReport } from '../../engine/report/store';
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
    const all = await Promise.all(args.positionals.map((path) => readAnyReport(path)));
    const reports = all.filter((report) => !isRegression(report));
    const regressions = all.filter(isRegression);
    if (reports.length > 0 && regressions.length > 0) {
      throw new RobustnessError(
        'usage/tasks',
        'Some of the reports are on classifiers and some on models that predict numbers.',
        'Compare reports of one task.',
      );
    }
    const format = args.flag('json') ? 'json' : (args.text('format') ?? 'table');
    if (regressions.length > 0) {
      terminal.out(renderOutputs(regressions, format));
      return exitCode.done;
    }
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

/** Clean against worst errors. */
function renderOutputs(reports: readonly RegressionReport[], format: string): string {
  const { columns, rows } = outputTable(reports);
  if (format === 'html')
    return page('Worst cases compared', `<h1>Worst cases compared</h1>${tableHtml(columns, rows)}`);
  if (format === 'table') return textTable(columns, rows);
  const compared = reports.flatMap(({ model, clean, threatModels }) =>
    threatModels.map(({ name, norm, epsilon, worstCase, withinTolerance }) => ({
      model: model.path,
      threatModel: name,
      norm,
      epsilon,
      clean,
      worstCase,
      withinTolerance,
    })),
  );
  return `${JSON.stringify({ rows: compared, notes: [] }, null, 2)}\n`;
}
