import { isWordPart } from '../../text/words';
import { textual } from './text';

const space = 0x20;

/** Words are joined, the space between them left out, or split by a space at one of their inner letters. */
export const wordSpacing = textual({
  name: 'word_spacing',
  title: 'Word spacing',
  source: 'Eger & Benz, AACL 2020 (segmentation)',
  shares: [0.02, 0.05, 0.1, 0.15, 0.25],
  of: 'spaces between words, and as many splits',
  change(points, share, random) {
    const out: number[] = [];
    for (let i = 0; i < points.length; i++) {
      const [before, point, after] = [points[i - 1] ?? 0, points[i]!, points[i + 1] ?? 0];
      if (point === space && isWordPart(before) && isWordPart(after)) {
        const drawn = random.uniform();
        if (drawn < share / 2) continue;
        out.push(point);
        // As many words are split as are joined: at a letter of the word that begins here, neither its first nor its last.
        const split = drawn < share ? splitAt(points, i + 1, random.uniform()) : -1;
        if (split < 0) continue;
        for (i++; i < split; i++) out.push(points[i]!);
        out.push(space);
        i--;
        continue;
      }
      out.push(point);
    }
    return out;
  },
});

/** Where a word that begins at a position is split, its halves two letters at least; -1 where it is too short. */
function splitAt(points: readonly number[], start: number, where: number): number {
  let end = start;
  while (end < points.length && isWordPart(points[end]!)) end++;
  const places = end - start - 3;
  return places < 1 ? -1 : start + 2 + Math.floor(where * places);
}
