import type { Report } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { type Child, h } from '../dom';
import { count, fileName, percent } from '../format';
import { hash, section } from '../parts';

/** How texts become what the model takes, and what of them it does not see; null where the data are no texts. */
export function texts({ report }: Context): HTMLElement | null {
  const { text } = report;
  if (text === undefined) return null;
  return section(
    'texts',
    'Texts and tokenizer',
    h('span', { class: 'muted' }, 'characters are changed; the model sees the ids that the tokenizer makes of them'),
    text.truncated > 0
      ? h(
          'p',
          { class: 'note' },
          `Of ${count(text.truncated)} of ${count(text.texts)} texts the model sees only what fits into ${count(text.maxTokens ?? 0)} tokens: what is behind can be changed without any effect.`,
        )
      : null,
    h('div', { class: 'facts' }, ...columns(text).map(([title, rows]) => facts(title, rows))),
  );
}

type Row = readonly [term: string, value: Child];

function columns(text: NonNullable<Report['text']>): readonly (readonly [string, readonly Row[]])[] {
  const { tokenizer, maxTokens, maxTokensFrom, characters, tokens, truncated, empty, unknown } = text;
  const limit =
    maxTokens === null ? 'no limit known' : `${count(maxTokens)}${maxTokensFrom ? ` (${maxTokensFrom})` : ''}`;
  return [
    [
      'Tokenizer',
      [
        ['File', fileName(tokenizer.path)],
        ['Kind', `${tokenizer.kind}, ${count(tokenizer.vocabulary)} entries`],
        ['Tokens at most', limit],
        ['SHA-256', hash(tokenizer.sha256)],
      ],
    ],
    [
      `Texts (${count(text.texts)})`,
      [
        ['Characters', `median ${count(characters.median)}, longest ${count(characters.longest)}`],
        ['Tokens', `median ${count(tokens.median)}, longest ${count(tokens.longest)}`],
        ...(empty > 0 ? [['Empty', count(empty)] as const] : []),
      ],
    ],
    [
      'What the model does not see',
      [
        ['Texts cut off', `${count(truncated)} (${percent(truncated / Math.max(1, text.texts))})`],
        ['Tokens in no vocabulary', percent(unknown)],
      ],
    ],
  ];
}

function facts(title: string, rows: readonly Row[]): HTMLElement {
  return h(
    'div',
    {},
    h('h3', {}, title),
    h('dl', {}, ...rows.flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)])),
  );
}
