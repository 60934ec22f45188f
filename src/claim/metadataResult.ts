import type { MetadataResult, Sentence } from './document/types';
import { extractFacts, type Facts } from './extract';
import { corruptionWords, has, shiftWords } from './lexicon';
import type { ClaimKind } from './types';

/** An entry of a model card's metadata as a claim; `facts` are what it states, whole. */
export interface ResultClaim {
  readonly sentence: Sentence;
  readonly kind: ClaimKind;
  readonly facts: Facts;
}

/**
 * A result in metadata (`model-index`, `.eval_results`) as a claim to be judged like a sentence of prose; null where it states no
 * figure for robustness, as a clean accuracy alone.
 */
export function resultClaim({ start, end, plain, offsets }: MetadataResult): ResultClaim | null {
  const read = extractFacts(plain);
  // The name of a metric says what it measures, however near to the figure its norm and ε stand.
  const certified = /\bcertif|\bverified\b|\bprovabl/i.test(plain);
  const facts: Facts = certified
    ? { ...read, figures: read.figures.map((figure) => ({ ...figure, role: 'certified' })) }
    : read;
  const roles = new Set(facts.figures.map(({ role }) => role));
  const kind: ClaimKind | null = roles.has('certified')
    ? 'certified'
    : facts.epsilons.length > 0 || facts.norms.length > 0 || facts.attacks.length > 0 || roles.has('success')
      ? 'adversarial'
      : has(corruptionWords, plain)
        ? 'corruption'
        : has(shiftWords, plain)
          ? 'shift'
          : roles.has('robust')
            ? 'general'
            : null;
  if (kind === null || facts.figures.length === 0) return null;
  const sentence: Sentence = {
    start,
    end,
    plain,
    prose: plain,
    offsets,
    place: 'item',
    headings: [],
    before: '',
    after: '',
    lead: '',
    table: null,
    links: [],
  };
  return { sentence, kind, facts };
}
