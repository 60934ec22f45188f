import { compareModels } from '../../engine/compare/compare';
import { contextNames, isContext } from '../../engine/compare/context';
import { renderComparisonHtml } from '../../engine/compare/html';
import { comparisonSections } from '../../engine/compare/sections';
import { RobustnessError } from '../../engine/error';
import { comparisonTable } from '../../engine/report/compare';
import { page, tableHtml } from '../../engine/report/html';
import { isRegression, type RegressionReport } from '../../engine/report/regression';
import { outputTable } from '../../engine/report/regressionSections';
import type { Section } from '../../engine/report/section';
import { readAnyReport } from '../../engine/report/store';
import { type Command, exitCode, jsonOption } from '../command';
import { textTable } from '../table';

export const compareCommand: Command = {
  name: 'compare',
  usage: 'REPORT… [--format table|json|html] [--context NAME]',
  summary: 'Clean against robust accuracy, tests on the same examples, and which model for which use.',
  options: {
    format: { type: 'string', value: 'F', help: 'What to print.', choices: ['table', 'json', 'html'] },
    context: {
      type: 'string',
      value: 'C',
      help: "Whose weights choose; the specs' own if absent.",
      choices: contextNames,
    },
    ...jsonOption,
  },
  positionals: { least: 1, most: Number.POSITIVE_INFINITY },
  async run(args, terminal) {
    const all = await Promise.all(args.positionals.map(async (path) => ({ path, report: await readAnyReport(path) })));
    const reports = all.flatMap(({ path, report }) => (isRegression(report) ? [] : [{ path, report }]));
    const regressions = all.map(({ report }) => report).filter(isRegression);
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
    const comparison = compareModels(reports);
    const asked = args.text('context');
    const context = isContext(asked) ? asked : undefined;
    if (format === 'json') terminal.out(`${JSON.stringify(comparison, null, 2)}\n`);
    else if (format === 'html') terminal.out(renderComparisonHtml(comparison, context));
    else {
      const { columns, rows } = comparisonTable(reports.map(({ report }) => report));
      terminal.out(textTable(columns, rows));
      for (const note of comparison.notes) terminal.out(`\n${note}\n`);
      // Of a single report there is nothing more to say than the table says.
      for (const section of reports.length > 1 ? comparisonSections(comparison, context) : [])
        terminal.out(sectionText(section));
    }
    return exitCode.done;
  },
};

function sectionText({ title, paragraphs, table }: Section): string {
  const text = paragraphs.map((paragraph) => `${paragraph}\n`).join('');
  return `\n${title}\n${text}${table === null ? '' : textTable(table.columns, table.rows)}`;
}

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
