import type { ProseBuilder } from '../builder';
import { readModelIndex } from './modelIndex';
import { childOf, itemsOf, readYaml, textOf } from './yaml';

const suppression = /(?:^|[ \t])(#[ \t]*(robustness-[^\r\n]*))/gm;

/** Comments of YAML that speak to the linter; others are of no use to it. */
export function readYamlComments(yaml: string, base: number, builder: ProseBuilder): void {
  for (const match of yaml.matchAll(suppression)) {
    const start = base + match.index + match[0].length - match[1]!.length;
    builder.comment(start, start + match[1]!.length, match[2]!);
  }
}

/** Names and paths of models under a key: one, or a list. */
const namesAt = (node: unknown, key: string): string[] =>
  itemsOf(childOf(node, key))
    .map((item) => textOf(item).trim())
    .filter((name) => name !== '' && name.length <= 300);

/**
 * Reads the front matter of a Markdown document into `about` (the model that `robustness:` or `model:` names, then those of the
 * `model-index`, then `base_model`) and `results`.
 *
 * @returns the offset at which the body begins; 0 where there is no front matter
 */
export function readFrontMatter(source: string, builder: ProseBuilder): number {
  const open = /^\ufeff?(---|\+\+\+)[ \t]*(?:\r\n|\r|\n)/.exec(source);
  if (!open) return 0;
  const from = open[0].length;
  const close = new RegExp(open[1] === '---' ? '^(?:---|\\.\\.\\.)[ \\t]*\\r?$' : '^\\+\\+\\+[ \\t]*\\r?$', 'gm');
  close.lastIndex = from;
  const end = close.exec(source);
  if (!end) return 0;
  if (open[1] === '---') {
    const yaml = source.slice(from, end.index);
    if (/^(?:model|base_model|model-index|robustness)[ \t]*:/m.test(yaml)) readCard(yaml, from, builder);
    readYamlComments(yaml, from, builder);
  }
  return end.index + end[0].length;
}

function readCard(yaml: string, base: number, builder: ProseBuilder): void {
  const card = readYaml(yaml)?.contents;
  if (!card) return;
  builder.about.push(...namesAt(childOf(card, 'robustness'), 'model'), ...namesAt(card, 'model'));
  readModelIndex(childOf(card, 'model-index'), yaml, base, builder);
  builder.about.push(...namesAt(card, 'base_model'));
}
