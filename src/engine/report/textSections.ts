import type { GalleryItem, Report } from './schema';
import type { Section } from './section';
import { percent } from './words';

/** How the texts are cut up and what of them the model does not see; null where the data are no texts. */
export function textSection({ text, data }: Report): Section | null {
  if (!text) return null;
  const { tokenizer, maxTokens, maxTokensFrom, texts, characters, tokens, truncated, empty, unknown } = text;
  const limit =
    maxTokens === null
      ? 'no limit is known'
      : `${maxTokens}${maxTokensFrom === null ? '' : ` (${maxTokensFrom})`}, special tokens included`;
  return {
    title: 'Texts and tokenizer',
    paragraphs: [
      'Attacks and corruptions change characters; the tokenizer makes ids of them for the model, which is told nothing else.',
      ...(truncated > 0
        ? [
            `Of ${truncated} of ${texts} texts the model sees only as much as fits into ${maxTokens} tokens: what is behind can be changed without any effect.`,
          ]
        : []),
      ...(texts < data.count ? [`Figures are over ${texts} of the ${data.count} texts, evenly spread.`] : []),
    ],
    table: {
      columns: ['What', 'Value'],
      rows: [
        ['Tokenizer', `${tokenizer.path} (${tokenizer.kind}, ${tokenizer.vocabulary.toLocaleString('en')} entries)`],
        ['Tokenizer SHA-256', tokenizer.sha256],
        ['Tokens at most', limit],
        ['Characters a text', `median ${characters.median}, longest ${characters.longest}`],
        ['Tokens a text', `median ${tokens.median}, longest ${tokens.longest}`],
        ['Texts cut off', `${truncated} of ${texts} (${percent(truncated / Math.max(1, texts))})`],
        ...(empty > 0 ? [['Empty texts', String(empty)]] : []),
        ['Tokens in no vocabulary', percent(unknown)],
      ],
    },
  };
}

/** `2 characters edited`, or the distance in its norm. */
export function distanceText({ distance, text }: Pick<GalleryItem, 'distance' | 'text'>): string {
  if (!text) return `distance ${distance.toPrecision(3)}`;
  return `${distance} ${distance === 1 ? 'character' : 'characters'} edited`;
}

/** What the gallery shows of texts, as lines of Markdown: what was taken out is struck, what was put in is bold. */
export function textGallery(gallery: readonly GalleryItem[], escaped: (text: string) => string): string | null {
  const items = gallery.flatMap((item) => (item.text ? [{ ...item, pieces: item.text.pieces }] : []));
  if (items.length === 0) return null;
  const lines = items.map(({ index, threatModel, clean, adversarial, pieces, ...item }) => {
    const marked = pieces
      .map(({ before, after }) =>
        before === after
          ? escaped(before)
          : `${before === '' ? '' : `~~${escaped(before)}~~`}${after === '' ? '' : `**${escaped(after)}**`}`,
      )
      .join('');
    const change = `${escaped(clean.label)} (${percent(clean.confidence)}) → **${escaped(adversarial.label)}** (${percent(adversarial.confidence)})`;
    return `- ${change}, ${distanceText(item)}, example ${index}, ${escaped(threatModel)}:<br>${marked}`;
  });
  return `## Adversarial examples\n\nWhat was taken out is struck, what was put in is bold.\n\n${lines.join('\n')}`;
}
