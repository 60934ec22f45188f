import { recommend } from '../recommend/registry';
import type { Cost, Recommendation } from '../recommend/types';
import type { AnyReport } from './regression';
import type { Section } from './section';

const notReported = 'not reported';

/** What the figures ask for, with what asks for it and what it costs elsewhere. */
export function recommendationSection(report: AnyReport): Section | null {
  const found = recommend(report);
  if (found.length === 0) return null;
  const [{ context }] = found as [Recommendation];
  return {
    title: 'Recommendations',
    paragraphs: [
      `What the figures ask for, in the order of what is expected of it in the context “${context}”. Costs are those that publications report on other models and data: they say what to look for, not what will happen here.`,
    ],
    table: {
      columns: ['Technique', 'What asks for it', 'What to do', 'Cost as reported', 'What would show that it worked'],
      rows: found.map(({ title, triggers, action, costs, gates, evidence, gain }) => [
        title,
        triggers.map(({ text }) => text).join('; '),
        action,
        gain === null && costs.length === 0 ? '–' : costText(costs),
        [...gates, ...(evidence === undefined ? [] : [evidence])].join('; '),
      ]),
    },
  };
}

function costText(costs: readonly Cost[]): string {
  return costs.length === 0 ? notReported : costs.map(({ text, source }) => `${text} (${source})`).join(' ');
}
