import type { Sentence } from './document/types';
import type { EvidenceIndex, EvidenceReport } from './evidence';

/** Ordinary words for a model that was trained in this way. */
const synonyms: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^(?:plain|standard|vanilla|baseline|natural|nat|undefended|clean|normal)$/,
    /\b(?:plain(?:ly)?|standard|vanilla|undefended|baseline|natural(?:ly)?|normal(?:ly)?)(?:[- ]trained)? (?:model|network|net|classifier|training|trained|one|sample model)\b/i,
  ],
  [
    /^(?:robust|adv|adversarial|at|hardened|defended|pgd|madry|trades)$/,
    /\b(?:robust|adversarially|hardened|defended|adversarial)(?:[- ]trained)? (?:model|network|net|classifier|training|trained|one|sample model)\b/i,
  ],
];

const baseName = (path: string) => path.replace(/^.*[\\/]/, '');
const stemOf = (path: string) => baseName(path).replace(/\.(?:onnx|ort)$/i, '');
const folderOf = (path: string) => path.replace(/\\/g, '/').replace(/[^/]*$/, '');
const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** How clearly a text names a model file: 3 by file name, 2 by its stem, 1 by an ordinary word for it, 0 not. */
function mention(text: string, model: string): number {
  const file = baseName(model);
  const stem = stemOf(model);
  if (text.includes(file)) return 3;
  const named = new RegExp(`(?<![\\p{L}\\d_-])${escapeRegExp(stem)}(?![\\p{L}\\d_-])`, 'iu');
  // "robust" or "plain" alone is an adjective; a stem with a digit, dash or underscore is a name.
  const distinctive = /[\d_-]/.test(stem) || stem.length >= 12;
  if (distinctive && named.test(text)) return 2;
  if (
    named.test(text) &&
    new RegExp(
      `(?<![\\p{L}\\d_-])${escapeRegExp(stem)}[\`*"']* (?:model|network|net|classifier|variant|checkpoint|one)\\b`,
      'iu',
    ).test(text)
  )
    return 2;
  const tokens = stem.toLowerCase().split(/[\s_.-]+/);
  return synonyms.some(([token, phrase]) => tokens.some((one) => token.test(one)) && phrase.test(text)) ? 1 : 0;
}

function best(reports: readonly EvidenceReport[], texts: readonly string[]): EvidenceReport[] {
  for (const text of texts) {
    if (text === '') continue;
    const scored = reports.map((report) => ({ report, score: mention(text, report.model) }));
    const top = Math.max(0, ...scored.map(({ score }) => score));
    if (top > 0) return scored.filter(({ score }) => score === top).map(({ report }) => report);
  }
  return [];
}

/** Steps from one folder to the other in the tree. */
function distance(from: string, to: string): number {
  const a = from.split('/').filter(Boolean);
  const b = to.split('/').filter(Boolean);
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
  return a.length + b.length - 2 * shared;
}

/**
 * The reports that a claim is to be held against, all of the same model, newest first. The model is the one that the
 * sentence names, else its headings from the inside out, else the sentence before, else the only one, nearest in the
 * tree. Empty when none or when several models fit equally: the linter does not guess.
 */
export function reportsFor(sentence: Sentence, path: string, evidence: EvidenceIndex): readonly EvidenceReport[] {
  if (evidence.reports.length === 0) return [];
  const cells = sentence.table?.cells ?? [];
  const row =
    cells.length > 0
      ? evidence.reports.filter((report) =>
          cells.some((cell) => cell.toLowerCase() === stemOf(report.model).toLowerCase()),
        )
      : [];
  let candidates =
    row.length > 0
      ? row
      : best(evidence.reports, [sentence.plain, ...[...sentence.headings].reverse(), sentence.lead, sentence.before]);
  if (candidates.length === 0) candidates = [...evidence.reports];
  // A report lies in `.robustness/` beside the model or the spec; the folder above is the one to measure from.
  const home = folderOf(path);
  const far = (report: EvidenceReport) => distance(home, folderOf(report.path).replace(/\.robustness\/$/, ''));
  const nearest = Math.min(...candidates.map(far));
  const near = candidates.filter((report) => far(report) === nearest);
  const models = new Set(near.map((report) => baseName(report.model)));
  if (models.size !== 1) return [];
  return near.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}
