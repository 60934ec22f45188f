import { recommend } from '../../engine/recommend/registry';
import type { Recommendation } from '../../engine/recommend/types';
import { readAnyReport } from '../../engine/report/store';
import { type Command, exitCode, jsonOption } from '../command';

export const recommendCommand: Command = {
  name: 'recommend',
  usage: 'REPORT [--json]',
  summary: 'What the figures of a report ask for, with the cost as publications report it.',
  details: [
    'They are computed from the report, so that one of an earlier version has them too; sources: docs/recommendations.md.',
  ],
  options: { ...jsonOption },
  positionals: { least: 1, most: 1 },
  async run(args, terminal) {
    const report = await readAnyReport(args.positionals[0] as string);
    const found = recommend(report);
    terminal.out(
      args.flag('json')
        ? `${JSON.stringify({ recommendations: found }, null, 2)}\n`
        : found.length > 0
          ? `${found.map(paragraph).join('\n\n')}\n`
          : `${report.status.state === 'complete' ? 'No figure of this report asks for a technique.' : 'The evaluation is not complete.'}\n`,
    );
    return exitCode.done;
  },
};

function paragraph({ title, why, triggers, action, costs, gates, evidence, gain }: Recommendation, i: number): string {
  const shown = [...gates, ...(evidence === undefined ? [] : [evidence])];
  return [
    `${i + 1}. ${title}`,
    `   ${why}`,
    ...triggers.map(({ text, pointer }) => `   - ${text} (${pointer})`),
    `   Do: ${action}`,
    ...(costs.length === 0 && gain !== null ? ['   Cost: not reported'] : []),
    ...costs.map(({ text, source }) => `   Cost: ${text} [${source}]`),
    ...(shown.length === 0 ? [] : [`   Shown by: ${shown.join('; ')}`]),
  ].join('\n');
}
