import { cheapestReached, type EditSearch, type EditStart, runEdits } from './editsRun';
import { costOf, type Edit, type Slip, slipCost, slipsOf, spelt } from './editsText';
import type { Attack } from './types';

/** Texts that are asked about together. */
const together = 24;

/**
 * Character edits by the predicted label alone: random admissible edits, as many as are allowed, until the label changes; then edits that it
 * takes no notice of are taken back.
 */
export const editsRandom: Attack = {
  name: 'edits-random',
  title: 'Character edits (random search)',
  needs: 'labels',
  norms: ['edits'],
  targeted: true,
  defaults: { iterations: 0, restarts: 1, queries: 1000 },
  source:
    'Belinkov & Bisk, Synthetic and natural noise both break neural machine translation, ICLR 2018, §3 (random edits); taken back as in Maheshwary et al., Generating natural language attacks in a hard label black box setting, AAAI 2021, §3.2',
  run: (request) => runEdits(editsRandom, request, search),
};

function* search(start: EditStart): EditSearch {
  const { text, left, most } = start;
  if (text.words.length === 0 || most < 1) return null;
  const options = new Map<number, readonly Slip[]>();
  while (left() > 0) {
    const asked: (readonly Edit[])[] = [];
    for (let k = 0; k < together; k++) asked.push(drawn(start, options));
    const found = cheapestReached(asked, yield asked);
    if (found) return yield* pruned(start, found);
  }
  return null;
}

/** Random edits of random words, up to the limit or until no word is left. */
function drawn({ text, rules, most, random }: EditStart, options: Map<number, readonly Slip[]>): readonly Edit[] {
  const edits: Edit[] = [];
  const free = [...text.words.keys()];
  while (costOf(edits) < most && free.length > 0) {
    const [word] = free.splice(random.integer(free.length), 1) as [number];
    let list = options.get(word);
    if (!list) {
      list = slipsOf(text, word, rules, most, random);
      options.set(word, list);
    }
    const spent = costOf(edits);
    const fitting = most - spent >= 2 ? list : list.filter((slip) => slipCost(slip) === 1);
    if (fitting.length > 0) edits.push(spelt(text, word, fitting[random.integer(fitting.length)]!));
  }
  return edits;
}

/** The same with edits taken back one after the other, as long as the label stays what it was brought to. */
function* pruned({ left }: EditStart, found: readonly Edit[]): EditSearch {
  let edits = found;
  while (edits.length > 1 && left() > 0) {
    const asked = edits.map((_, without) => edits.filter((_, k) => k !== without));
    const fewer = cheapestReached(asked, yield asked);
    if (!fewer) break;
    edits = fewer;
  }
  return edits;
}
