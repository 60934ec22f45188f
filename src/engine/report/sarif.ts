import type { AnyReport } from './regression';
import type { Pitfall } from './schema';

const level = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Pitfall['severity'],
  string
>;

/** The pitfalls of reports as SARIF 2.1.0, located at the model files, for code-scanning pages and editors. */
export function renderSarif(reports: readonly AnyReport[]): string {
  const pitfalls = reports.flatMap((report) => report.pitfalls.map((pitfall) => ({ report, pitfall })));
  const rules = [...new Map(pitfalls.map(({ pitfall }) => [pitfall.rule, pitfall])).values()];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'robustness-inspector',
            version: reports[0]?.tool.version ?? '0',
            rules: rules.map(({ rule, help }) => ({
              id: rule,
              shortDescription: { text: (rule.split('/').at(-1) ?? rule).replaceAll('-', ' ') },
              help: { text: `See ${help}.` },
            })),
          },
        },
        results: pitfalls.map(({ report, pitfall }) => ({
          ruleId: pitfall.rule,
          ruleIndex: rules.findIndex(({ rule }) => rule === pitfall.rule),
          level: level[pitfall.severity],
          message: {
            text: [pitfall.message, ...pitfall.evidence.map((line) => `- ${line}`), pitfall.advice].join('\n'),
          },
          locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(report.model.path) } } }],
          partialFingerprints: { robustness: `${pitfall.rule}:${report.model.sha256}` },
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
