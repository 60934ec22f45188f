import { phraseVeto } from './clause';
import type { Sentence } from './document/types';
import { hasCondition, kindOf, namesDisturbance, namesThreat } from './kind';
import { has, learningWords, sharedWords } from './lexicon';
import { PatternSet, type PhraseMatch } from './patternSet';
import { statedResult } from './result';
import {
  ciphers,
  complexity,
  failure,
  instrumentFigure,
  member,
  otherAttack,
  otherComplement,
  otherSense,
  otherSubject,
  programs,
} from './sense';
import type { Topic } from './topic';
import { type Trigger, triggers } from './trigger';
import type { ClaimKind } from './types';
import { sentenceVeto } from './veto';

export interface Detection {
  readonly kind: ClaimKind;
  /** The words that assert the property, in `Sentence.prose`. */
  readonly phrase: string;
}

/** Most sentences share no word with most triggers. */
const patterns = new PatternSet(triggers.map(({ pattern }) => pattern));
/** Each for another stretch of the sentence. */
const senses = new PatternSet([otherSense]);
const complements = new PatternSet([otherComplement]);
const subjects = new PatternSet([otherSubject]);
const ofProse = new PatternSet([complexity, programs, otherAttack, ciphers]);

/** How one phrase of a sentence fared: `veto` is null for a phrase that asserts a claim. */
interface Attempt {
  readonly trigger: string;
  readonly phrase: string;
  /** Where the phrase ends in the prose. */
  readonly end: number;
  readonly veto: string | null;
}

interface Phrase extends PhraseMatch {
  readonly trigger: Trigger;
}

const noPhrases: readonly Phrase[] = [];

/** Where the triggers match, one trigger after the other. */
function phrasesIn(prose: string): readonly Phrase[] {
  if (!patterns.mayMatch(prose)) return noPhrases;
  const found: Phrase[] = [];
  for (const trigger of triggers)
    for (const { index, length } of patterns.matches(trigger.pattern, prose)) found.push({ trigger, index, length });
  return found;
}

function* attempts(sentence: Sentence, topic: Topic): Generator<Attempt> {
  const { prose } = sentence;
  if (topic === false || prose.length < 12 || prose.length > 1500) return;
  const found = phrasesIn(prose);
  const result = statedResult(prose);
  if (result === null && found.length === 0) return;
  const whole = sentenceVeto(sentence);
  if (whole !== null) {
    yield { trigger: 'sentence', phrase: prose, end: prose.length, veto: whole };
    return;
  }
  const around = `${sentence.headings.at(-1) ?? ''} ${sentence.before} ${sentence.after}`;
  const learning =
    topic === true ||
    has(learningWords, prose) ||
    namesThreat(prose) ||
    has(learningWords, around) ||
    (has(sharedWords, prose) && namesDisturbance(prose));
  for (const { trigger, index, length } of found) {
    const { name, need } = trigger;
    const phrase = prose.slice(index, index + length);
    // A phrase of somebody else's title asserts nothing; a name in code between a verb and its figure does.
    if (phrase.includes('§') && !/\d/.test(phrase)) continue;
    const end = index + length;
    const tail = prose.slice(index, end + 160);
    // The negated or purposive verb may lie inside the phrase: look at all that stands before its last word, unless
    // the negation is the assertion ("cannot be fooled").
    const lastWord = /\S+$/.exec(phrase)?.[0].length ?? 0;
    const until =
      name === 'little harm' || /^(?:can|guaranteed |difficult|hard|impossible)/i.test(phrase) ? index : end - lastWord;
    const left = prose.slice(Math.max(0, index - 160), until);
    const veto =
      need === 'condition' && !hasCondition(tail)
        ? 'no condition'
        : need !== 'nothing' && !learning
          ? 'no machine learning'
          : need === 'condition anywhere' && !hasCondition(prose)
            ? 'no condition'
            : (name !== 'certified' && complements.test(otherComplement, prose.slice(index, end + 90))) ||
                (name !== 'certified' && senses.test(otherSense, prose.slice(Math.max(0, index - 40), end + 50))) ||
                subjects.test(
                  otherSubject,
                  prose.slice(Math.max(0, index - 120), index + Math.max(0, phrase.search(/robust/i))),
                ) ||
                ofProse.test(complexity, prose) ||
                (topic !== true && ofProse.test(otherAttack, prose)) ||
                (topic !== true && member.test(prose)) ||
                (topic !== true && ofProse.test(ciphers, prose) && !has(learningWords, prose)) ||
                (name !== 'certified' && ofProse.test(programs, prose)) ||
                instrumentFigure.test(prose.slice(end))
              ? 'other sense'
              : name !== 'little harm' && failure.test(phrase)
                ? 'failure'
                : phraseVeto(left, prose.slice(end, end + 160));
    yield { trigger: name, phrase, end, veto };
  }
  if (result !== null && learning) {
    const left = prose.slice(Math.max(0, result.index - 160), result.index);
    yield {
      trigger: 'result',
      phrase: result.phrase,
      end: result.index + result.phrase.length,
      veto: phraseVeto(left, ''),
    };
  }
}

/** The claim that a sentence makes, or null. */
export function detectClaim(sentence: Sentence, topic: Topic): Detection | null {
  for (const { trigger, phrase, end, veto } of attempts(sentence, topic)) {
    if (veto !== null) continue;
    // The rest of the clause, with the last word of the phrase: "to noise" is what "robust to" is followed by.
    const complement =
      /^[^.;:]*?(?=[.;:]|,? (?:and|but|while|which|making|thus) (?:\w+ly )?(?:is|are|has|can|supports?|achiev\w+|improv\w+|provid\w+|maintain\w+)\b|, (?:\w+ly )?(?:highlight|demonstrat|show|achiev|indicat|ensur|allow|enabl|lead|result|yield|prov|reduc|outperform|improv)ing\b| by (?:\w+ly )?\w+ing\b|$)/.exec(
        sentence.prose.slice(Math.max(0, end - 8), end + 120),
      )?.[0];
    const kind =
      trigger === 'certified'
        ? 'certified'
        : kindOf(sentence.prose, sentence.headings.join(' | '), `${sentence.before} ${sentence.after}`, complement);
    return { kind, phrase };
  }
  return null;
}

/** What the detector made of a sentence, for those who work on it: one line a phrase, with what spoke against it. */
export function explain(sentence: Sentence, topic: Topic): string[] {
  return [...attempts(sentence, topic)].map(
    ({ trigger, phrase, veto }) => `${veto ?? 'CLAIM'}: [${trigger}] ${phrase}`,
  );
}
