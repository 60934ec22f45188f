/** Ordinary words for a model that was trained in this way. */
const synonyms: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^(?:plain|standard|vanilla|baseline|natural|nat|undefended|clean|normal)$/,
    /\b(?:plain(?:ly)?|standard|vanilla|undefended|baseline|natural(?:ly)?|normal(?:ly)?)(?:[- ]trained)? (?:model|network|net|classifier|training|trained|one|sample model)\b/gi,
  ],
  [
    /^(?:robust|adv|adversarial|at|hardened|defended|pgd|madry|trades)$/,
    /\b(?:robust|adversarially|hardened|defended|adversarial)(?:[- ]trained)? (?:model|network|net|classifier|training|trained|one|sample model)\b/gi,
  ],
];

const nouns = '(?:model|network|net|classifier|variant|checkpoint|ensemble|one)';
const edge = ['(?<![\\p{L}\\d_-])', '(?![\\p{L}\\d_-])'] as const;

const baseName = (path: string) => path.replace(/^.*[\\/]/, '');
const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Name of a model file without its folder and ending. */
export const stemOf = (path: string): string => baseName(path).replace(/\.(?:onnx|ort|ensemble)$/i, '');

/** A place where a text names a model: 3 by file name, 2 by its stem, 1 by an ordinary word for it. */
export interface Mention {
  readonly model: string;
  readonly start: number;
  readonly end: number;
  readonly score: 1 | 2 | 3;
}

function spans(pattern: RegExp, text: string): { start: number; end: number }[] {
  return [...text.matchAll(pattern)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** What stands before and after a bare stem that is a name: "robust.onnx keeps 62 %, plain 3 %". */
const leadIn = '(?<=^|[,;:(]\\s*|\\b(?:and|while|but|whereas|vs\\.?|versus|than|for|by|of|against)\\s+)';
const leadOut =
  '(?=[\\s`]*(?:$|[(:,;.]|\\d|(?:only|just|at|with) \\d|(?:keep|reach|get|drop|fall|stay|hold|achieve|retain|score|lose|gain|ha)(?:s|es)?\\b))';

/** What a model's file is called, and the patterns of its names; made once a model. */
interface Names {
  readonly file: string;
  readonly stem: string;
  readonly byFile: RegExp;
  readonly byStem: RegExp;
  readonly bare: RegExp;
  readonly words: readonly RegExp[];
}

const known = new Map<string, Names>();
const mostKnown = 2000;

function namesOf(model: string): Names {
  let names = known.get(model);
  if (names === undefined) {
    if (known.size >= mostKnown) known.clear();
    names = makeNames(model);
    known.set(model, names);
  }
  return names;
}

function makeNames(model: string): Names {
  const file = baseName(model);
  const stem = stemOf(model);
  const escaped = escapeRegExp(stem);
  // "robust" or "plain" alone is an adjective; a stem with a digit, dash or underscore is a name.
  const distinctive = /[\d_-]/.test(stem) || stem.length >= 12;
  const tokens = stem.toLowerCase().split(/[\s_.-]+/);
  return {
    file,
    stem: stem.toLowerCase(),
    byFile: new RegExp(edge[0] + escapeRegExp(file), 'gu'),
    byStem: new RegExp(
      distinctive ? `${edge[0]}${escaped}${edge[1]}` : `${edge[0]}${escaped}[\`*"']* ${nouns}\\b`,
      'giu',
    ),
    bare: new RegExp(`${leadIn}[\`*"']*${escaped}[\`*"']*${leadOut}`, 'giu'),
    words: synonyms.flatMap(([token, phrase]) => (tokens.some((one) => token.test(one)) ? [phrase] : [])),
  };
}

function mentionsOfOne(text: string, lower: string, model: string): Mention[] {
  const { file, stem, byFile, byStem, words } = namesOf(model);
  const make = (score: Mention['score'], found: readonly { start: number; end: number }[]) =>
    found.map((span): Mention => ({ model, score, ...span }));
  return [
    ...(text.includes(file) ? make(3, spans(byFile, text)) : []),
    ...(lower.includes(stem) ? make(2, spans(byStem, text)) : []),
    ...words.flatMap((phrase) => make(1, spans(phrase, text))),
  ];
}

function bareStems(text: string, lower: string, model: string): Mention[] {
  const { stem, bare } = namesOf(model);
  return lower.includes(stem) ? spans(bare, text).map((span): Mention => ({ model, score: 1, ...span })) : [];
}

/** How clearly a text names a model file: as {@link Mention.score}, 0 if not at all. */
export function namesModel(text: string, model: string): number {
  return Math.max(0, ...mentionsOfOne(text, text.toLowerCase(), model).map(({ score }) => score));
}

/**
 * Where a text names which of several models, in order. A word for one model that describes the name of another ("the adversarially
 * trained `net-3.onnx`") names the latter alone, and words that fit several models name none.
 */
export function mentionsOf(text: string, models: readonly string[]): Mention[] {
  const lower = text.toLowerCase();
  const clear = models.flatMap((model) => mentionsOfOne(text, lower, model));
  const rest = models.filter((model) => !clear.some((mention) => mention.model === model));
  // Beside a name, a bare word is one too; alone it is an adjective.
  const bare = clear.length > 0 ? rest.flatMap((model) => bareStems(text, lower, model)) : [];
  const all = [...clear, ...bare];
  return all
    .filter((one) => {
      const others = all.filter((other) => other.model !== one.model);
      const same = others.some((other) => other.start === one.start && other.score === one.score);
      const better = others.some(
        (other) => other.score > one.score && other.start < one.end + 3 && other.end > one.start,
      );
      return !same && !better;
    })
    .sort((a, b) => a.start - b.start);
}

const modelFile =
  /[\w./\\+()[\]-]{1,200}\.(?:onnx|ort|pth?|ckpt|safetensors|h5|keras|tflite|pb|joblib|pkl)(?![\w-])/giu;

/**
 * Whether a text speaks of another model than this: it names the file of one, or calls it robust where this is the plain one, or the other
 * way round. For texts that do not name this model.
 */
export function namesAnother(text: string, model: string): boolean {
  for (const [file] of text.matchAll(modelFile)) if (baseName(file) !== baseName(model)) return true;
  const tokens = stemOf(model)
    .toLowerCase()
    .split(/[\s_.-]+/);
  const own = synonyms.filter(([token]) => tokens.some((one) => token.test(one)));
  if (own.length === 0) return false;
  return synonyms.some((other) => !own.includes(other) && spans(other[1], text).length > 0);
}
