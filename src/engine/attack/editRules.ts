/** What of a text an attacker leaves alone, so that a reader still reads the same (Pruthi, Dhingra & Lipton, ACL 2019, §3; Davis 2003). */
export interface EditRules {
  /** First and last letters of a word stay. */
  readonly keepEnds: boolean;
  /** Words of fewer letters stay. */
  readonly leastLetters: number;
  /** Words that stay besides negations, in lower case. */
  readonly keep: readonly string[];
}

export const usualEditRules: EditRules = { keepEnds: true, leastLetters: 4, keep: [] };

/**
 * Words that turn a meaning over, of four letters and more (shorter ones stay anyway, unless the spec says otherwise): English, German,
 * French, Spanish, Italian, Portuguese, Dutch, Russian. A list of words is no grammar: other ways to negate are not in it.
 */
export const negations: ReadonlySet<string> = new Set(
  (
    'no not nor non never none nothing nobody nowhere neither cannot without hardly barely scarcely seldom rarely lacks lacking except unless ' +
    'kein keine keinen keinem keiner keines nicht nichts nie niemals niemand nirgends ohne weder kaum ' +
    'pas jamais rien aucun aucune personne sans sauf nunca jamás nada nadie ningún ninguna ninguno sin tampoco ' +
    'mai niente nulla nessuno nessuna senza não nenhum nenhuma ninguém sem niet nooit niets niemand geen zonder ' +
    'не нет ни никогда ничего никто нигде без никакой никакая'
  ).split(' '),
);

/** Letters by script, for what may be put in the place of one. Scripts whose signs are syllables or words are left alone. */
const alphabets: readonly (readonly [script: RegExp, letters: string])[] = [
  [/^[\p{Script=Latin}\p{M}]+$/u, 'abcdefghijklmnopqrstuvwxyz'],
  [/^[\p{Script=Cyrillic}\p{M}]+$/u, 'абвгдежзийклмнопрстуфхцчшщъыьэюя'],
  [/^[\p{Script=Greek}\p{M}]+$/u, 'αβγδεζηθικλμνξοπρστυφχψω'],
  [/^[\p{Script=Hebrew}\p{M}]+$/u, 'אבגדהוזחטיכלמנסעפצקרשת'],
  [/^[\p{Script=Arabic}\p{M}]+$/u, 'ابتثجحخدذرزسشصضطظعغفقكلمنهوي'],
  [/^[\p{Script=Armenian}\p{M}]+$/u, 'աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'],
  [/^[\p{Script=Georgian}\p{M}]+$/u, 'აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ'],
];

/** The letters that a word may be misspelt with; null for words that are left alone: numbers, contractions, other scripts. */
export function alphabetOf(word: string): string | null {
  return alphabets.find(([script]) => script.test(word))?.[1] ?? null;
}

/** Whether the rules let a word be edited. */
export function isEditable(word: string, { leastLetters, keep }: EditRules): boolean {
  const lower = word.toLowerCase();
  return (
    [...word].length >= leastLetters && !negations.has(lower) && !keep.includes(lower) && alphabetOf(word) !== null
  );
}

/** The rules as a clause of a sentence. */
export function describeRules({ keepEnds, leastLetters, keep }: EditRules): string {
  return [
    'at most one edit a word',
    ...(keepEnds ? ['first and last letters kept'] : []),
    `words ${leastLetters > 1 ? `of fewer than ${leastLetters} letters, ` : ''}with digits or apostrophes, and those that negate${keep.length > 0 ? ` (and ${keep.slice(0, 5).join(', ')}${keep.length > 5 ? ', …' : ''})` : ''} left alone`,
  ].join(', ');
}
