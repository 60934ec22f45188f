import { posix } from 'node:path';
import type { Sentence } from './document/types';
import type { ClaimPolicy, EvidenceIndex, EvidenceReport } from './evidence';
import { mentionsOf, namesAnother, namesModel, stemOf } from './mention';

/** What is asked about. */
export interface Attribution {
  readonly sentence: Sentence;
  /** Of the document, relative to the root of the index. */
  readonly path: string;
  /** What the document says it is about: `ProseDocument.about`. */
  readonly about?: readonly string[];
}

const folderOf = (path: string) => path.replace(/\\/g, '/').replace(/[^/]*$/, '');

/** A report lies in `.robustness/` beside the model or the spec; paths in it count from the folder above. */
const homeOf = (report: EvidenceReport) => folderOf(report.path).replace(/(^|\/)\.robustness\/$/, '$1');

/** Path of the model that a report is on, relative to the root of the index: what tells models apart. */
export function modelPathOf(report: EvidenceReport): string {
  let path = modelPaths.get(report);
  if (path === undefined) {
    path = posix.normalize(posix.join(homeOf(report), report.model.replace(/\\/g, '/')));
    modelPaths.set(report, path);
  }
  return path;
}

const modelPaths = new WeakMap<EvidenceReport, string>();

/** Whether a link, or a path in metadata, leads to the model or the report: from the document, or on a host of repositories. */
function leadsTo(target: string, document: string, report: EvidenceReport): boolean {
  let path = target.replace(/[?#].*$/s, '');
  try {
    path = decodeURI(path);
  } catch {
    // As it is written, then.
  }
  if (path === '') return false;
  const goals = [modelPathOf(report), report.path];
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return goals.some((goal) => path.endsWith(`/${goal}`));
  const from = path.startsWith('/') ? path.slice(1) : posix.normalize(posix.join(folderOf(document), path));
  return goals.includes(from);
}

/** Reports on the one that a text names most clearly, of the first text that names any; null where that names one without a report. */
function named(reports: readonly EvidenceReport[], texts: readonly string[]): EvidenceReport[] | null {
  for (const text of texts) {
    if (text === '') continue;
    const scored = reports.map((report) => ({ report, score: namesModel(text, report.model) }));
    const top = Math.max(0, ...scored.map(({ score }) => score));
    if (top > 0) return scored.filter(({ score }) => score === top).map(({ report }) => report);
    const byReport = reports.filter(({ path }) => text.includes(posix.basename(path)));
    if (byReport.length > 0) return byReport;
    // What is called by a name that no report bears has none.
    if (reports.every(({ model }) => namesAnother(text, model))) return null;
  }
  return [];
}

/** Reports on a model that metadata names: by its path, its file, its stem, or the last part of an identifier (`someone/net`). */
function isAbout(name: string, document: string, report: EvidenceReport): boolean {
  if (leadsTo(name, document, report)) return true;
  const last = posix.basename(name).toLowerCase();
  return last === posix.basename(report.model).toLowerCase() || last === stemOf(report.model).toLowerCase();
}

/** What specs say that a document speaks of, from the nearest spec outwards. */
function byPolicy(
  path: string,
  policies: readonly ClaimPolicy[],
  reports: readonly EvidenceReport[],
): EvidenceReport[] {
  const above = policies
    .filter(({ folder }) => path.startsWith(folder))
    .sort((a, b) => b.folder.length - a.folder.length);
  for (const { folder, about } of above) {
    const own = path.slice(folder.length);
    const entry = about.find(({ documents }) =>
      documents.some((glob) => posix.matchesGlob(own, glob.replace(/^\.\//, ''))),
    );
    if (!entry) continue;
    const model = posix.normalize(posix.join(folder, entry.model));
    return reports.filter((report) => modelPathOf(report) === model);
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

function nearest(reports: readonly EvidenceReport[], path: string): EvidenceReport[] {
  const home = folderOf(path);
  const far = (report: EvidenceReport) => distance(home, homeOf(report));
  const least = Math.min(...reports.map(far));
  return reports.filter((report) => far(report) === least);
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Of several models, those with a threat model that the text names as the spec calls it. */
function withThreat(reports: readonly EvidenceReport[], text: string): EvidenceReport[] {
  const has = ({ threatModels, regression }: EvidenceReport) =>
    [...threatModels, ...(regression?.threatModels ?? [])].some(
      ({ name }) =>
        /\d|[-_]/.test(name) && new RegExp(`(?<![\\p{L}\\d_-])${escapeRegExp(name)}(?![\\p{L}\\d_-])`, 'u').test(text),
    );
  const some = reports.filter(has);
  return some.length > 0 ? some : [...reports];
}

const newestFirst = (reports: readonly EvidenceReport[]) =>
  [...reports].sort((a, b) => b.createdAt.localeCompare(a.createdAt));

/** By the cell of a row of results: the whole cell, or a file name in it. */
function byCell(cells: readonly string[], reports: readonly EvidenceReport[]): EvidenceReport[] {
  const stems = reports.filter((report) =>
    cells.some((cell) => cell.toLowerCase() === stemOf(report.model).toLowerCase()),
  );
  return stems.length > 0
    ? stems
    : reports.filter((report) => cells.some((cell) => namesModel(cell, report.model) >= 2));
}

/**
 * The reports that a claim is to be held against, all of the same model, newest first. In this order, the first that says anything
 * decides: a link in the sentence to a model or a report; the cells of a row of results; the name of a model or report in the
 * sentence, its headings from the inside out, the sentence that introduces it, the one before; the document's own metadata; `claims.about`
 * of the nearest spec; else the only model, nearest in the tree. Empty when none, when a model is named that has no report, or when several models fit equally: the linter does not guess.
 */
export function reportsFor(
  { sentence, path, about = [] }: Attribution,
  evidence: EvidenceIndex,
): readonly EvidenceReport[] {
  const { reports, policies = [] } = evidence;
  if (reports.length === 0) return [];
  const ways: (() => readonly EvidenceReport[] | null)[] = [
    () => reports.filter((report) => sentence.links.some((link) => leadsTo(link, path, report))),
    () => byCell(sentence.table?.cells ?? [], reports),
    () => named(reports, [sentence.plain, ...[...sentence.headings].reverse(), sentence.lead, sentence.before]),
    () =>
      about.map((name) => reports.filter((report) => isAbout(name, path, report))).find((some) => some.length > 0) ??
      [],
    () => byPolicy(path, policies, reports),
  ];
  let candidates: readonly EvidenceReport[] = reports;
  for (const way of ways) {
    const found = way();
    if (found === null) return [];
    if (found.length === 0) continue;
    candidates = found;
    break;
  }
  const fitting = withThreat(candidates, sentence.plain);
  const near = nearest(fitting, path);
  return new Set(near.map(modelPathOf)).size === 1 ? newestFirst(near) : [];
}

/** The part of a sentence that speaks of one model. */
export interface ModelPart {
  readonly reports: readonly EvidenceReport[];
  /** Which of the figures are said of it. */
  readonly figures: readonly number[];
}

/** Nothing but a comma or "and" stands between figures of a list. */
const listed = /^[\s,/|&]*(?:and|or)?[\s,/|&]*$/i;

/**
 * Who says what in a sentence that names several models ("plain reaches 3 %, robust keeps 62 %"): each figure belongs to the model
 * named last before it; where figures come first, to the one named next; in a list of as many figures as models after all names, in
 * order. Empty where the sentence names no two models, or it is not clear which figure belongs to which.
 *
 * @param figures where they stand in `sentence.plain`, rising
 */
export function modelsIn(
  { sentence, path }: Attribution,
  evidence: EvidenceIndex,
  figures: readonly { readonly start: number; readonly end: number }[],
): readonly ModelPart[] {
  if (evidence.reports.length < 2 || sentence.table !== null) return [];
  const { plain } = sentence;
  const mentions = mentionsOf(plain, [...new Set(evidence.reports.map(({ model }) => model))]);
  const models = [...new Set(mentions.map(({ model }) => model))];
  if (models.length < 2) return [];
  const first = figures[0]?.start ?? 0;
  const last = mentions.at(-1)!.start;
  const before = mentions[0]!.start < first;
  const owners = figures.map(({ start }): string => {
    const previous = mentions.findLast((mention) => mention.start < start);
    const next = mentions.find((mention) => mention.start > start);
    return ((before ? previous : next) ?? previous ?? next)!.model;
  });
  // "against 99 % and 95 %" behind all names, or "respectively".
  const inOrder = new Set<number>();
  for (let i = 0; i < figures.length; i++) {
    const run = models.map((_, k) => figures[i + k]);
    const isList = run.every(
      (figure, k) =>
        figure !== undefined &&
        figure.start > last &&
        (k === 0 || listed.test(plain.slice(run[k - 1]!.end, figure.start))),
    );
    // Each has its own before, or none has: else they are the last one's.
    const earlier = new Set(owners.slice(0, i));
    if (!isList || (i > 0 && earlier.size < models.length)) continue;
    for (const [k, model] of models.entries()) {
      owners[i + k] = model;
      inOrder.add(i + k);
    }
    i += models.length - 1;
  }
  // "plain and robust keep 95 %": of both, or of which?
  const leading = new Set(mentions.filter(({ start }) => start < first).map(({ model }) => model));
  if (leading.size > 1 && last < first && inOrder.size < figures.length) return [];
  return models.map((model): ModelPart => {
    const of = nearest(
      evidence.reports.filter((report) => report.model === model),
      path,
    );
    const same = new Set(of.map(modelPathOf)).size === 1;
    return {
      reports: same ? newestFirst(of) : [],
      figures: figures.flatMap((_, i) => (owners[i] === model ? [i] : [])),
    };
  });
}
