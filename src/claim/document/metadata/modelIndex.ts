import type { ProseBuilder } from '../builder';
import { addResult } from './result';
import { asMap, childOf, itemsOf, scalarOf, textOf } from './yaml';

const norms = /^l(?:inf|2|1|0)$/i;

/** Arguments of a metric that belong to its threat model. */
function conditionOf(metric: unknown): string {
  const args = asMap(childOf(metric, 'args'));
  if (args === null) return '';
  const parts = args.items.flatMap(({ key, value }) => {
    const name = textOf(key);
    const text = textOf(value);
    if (text === '') return [];
    if (/^eps(?:ilon)?$|^ε$/i.test(name)) return [`ε = ${text}`];
    if (/^(?:norm|attack|corruption|severity|n|samples)$/i.test(name))
      return [norms.test(text) || /attack|corruption/i.test(name) ? text : `${name} = ${text}`];
    return [];
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/**
 * The `model-index` of a Hugging Face model card: names of models, and each metric that speaks of robustness.
 *
 * Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
 */
export function readModelIndex(node: unknown, source: string, base: number, builder: ProseBuilder): void {
  for (const model of itemsOf(node)) {
    const name = textOf(childOf(model, 'name'));
    if (name !== '') builder.about.push(name);
    for (const result of itemsOf(childOf(model, 'results'))) {
      const data = childOf(result, 'dataset');
      const dataset = [textOf(childOf(data, 'name')) || textOf(childOf(data, 'type')), textOf(childOf(data, 'config'))]
        .filter((part) => part !== '' && part !== 'default')
        .join(' ');
      for (const metric of itemsOf(childOf(result, 'metrics'))) {
        const value = scalarOf(childOf(metric, 'value'));
        const title = textOf(childOf(metric, 'name')) || textOf(childOf(metric, 'type'));
        if (value && title !== '') addResult(builder, value, source, base, `${title}${conditionOf(metric)}`, dataset);
      }
    }
  }
}

/**
 * A file of `.eval_results/`: a list of results, each of a data set and a task.
 *
 * Source: https://huggingface.co/docs/hub/eval-results
 */
export function readEvalResults(node: unknown, source: string, builder: ProseBuilder): void {
  for (const entry of itemsOf(node)) {
    const value = scalarOf(childOf(entry, 'value'));
    const data = childOf(entry, 'dataset');
    const dataset = textOf(childOf(data, 'id'));
    const task = textOf(childOf(data, 'task_id'));
    const notes = textOf(childOf(entry, 'notes'));
    if (!value || dataset === '') continue;
    const metric = task === '' || task === 'default' ? 'result' : task.replace(/_/g, ' ');
    addResult(builder, value, source, 0, notes === '' ? metric : `${metric} (${notes})`, dataset);
  }
}
