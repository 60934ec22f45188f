import type { Definition } from './definitions';

/** What the figures on texts mean; the same words stand in docs/metrics.md. */
export const textDefinitions = {
  edits: {
    title: 'Edited characters',
    text: 'Levenshtein distance of two texts over code points: characters that are inserted, deleted or replaced, at least; a swap of neighbours counts as two.',
    formula: 'min insertions + deletions + substitutions',
  },
  truncatedTexts: {
    title: 'Texts cut off',
    text: 'Texts that become more tokens than the model takes, special tokens included: of these it sees the beginning alone, or the end where the tokenizer cuts the beginning.',
    formula: '|{texts: tokens > limit}|',
  },
  unknownTokens: {
    title: 'Tokens in no vocabulary',
    text: 'Share of the tokens of all texts that stand for what the tokenizer does not know: the model cannot tell one from the other.',
    formula: 'unknown tokens / tokens',
  },
} as const satisfies Record<string, Definition>;
