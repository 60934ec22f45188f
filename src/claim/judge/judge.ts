import { modelsIn, reportsFor } from '../attribute';
import type { EvidenceIndex, EvidenceReport } from '../evidence';
import type { Evidence } from '../types';
import { adversarial } from './adversarial';
import { gravest, unsupported } from './agree';
import { collapsed, notRobust } from './broken';
import { clean } from './clean';
import { correctionOf } from './correction';
import { corruption } from './corruption';
import { describe } from './describe';
import { regression } from './regression';
import { shift } from './shift';
import { reach } from './size';
import { withListedRoles } from './stated';
import type { Judgement, ModelSubject, Outcome, Subject } from './types';
import { universal } from './universal';

function evidenceOf(report: EvidenceReport, outcome: Outcome, subject: Subject): Evidence {
  const corrections = outcome.wrong.flatMap((wrong) => correctionOf(subject.sentence, wrong) ?? []);
  return {
    report: report.path,
    model: report.model,
    figures: [...describe(report), ...report.unknown],
    stale: report.stale,
    pointer: outcome.pointer,
    corrections: corrections.sort((a, b) => a.start - b.start),
  };
}

/** What a report says of what the claim is about, by its kind. */
function ofKind(claim: ModelSubject, report: EvidenceReport): Outcome {
  const { kind, facts } = claim;
  if (report.regression) return regression(claim, report, report.regression);
  const byUniversal = universal(claim, report);
  if (byUniversal) return byUniversal;
  switch (kind) {
    case 'corruption':
      return corruption(claim, report);
    case 'shift':
      return shift(claim, report);
    case 'adversarial':
    case 'certified':
      return adversarial(claim, report);
    case 'general': {
      const tests =
        facts.epsilons.length > 0 || facts.figures.some(({ role }) => role === 'robust' || role === 'certified');
      if (tests) return adversarial(claim, report);
      return unsupported(
        'The claim names nothing that the model is robust to; name a threat model, a corruption or a shift.',
      );
    }
    case 'security':
      return unsupported(
        'No report measures this kind of threat; say by what test it was found, and with what result.',
      );
    case 'stability':
      return unsupported('No report measures this kind of stability; say what was varied, and what came out.');
  }
}

/** What one report says of a claim: what is wrong before what goes too far before what is not backed. */
function judgeOne(claim: ModelSubject, report: EvidenceReport): Outcome {
  const outcome = ofKind(claim, report);
  const beside = clean(claim, report);
  const bare = claim.facts.figures.length === 0 && (claim.kind === 'adversarial' || claim.kind === 'general');
  const broken = outcome.verdict === 'unsupported' && bare ? collapsed(report) : null;
  if (broken) return notRobust(broken);
  const size = reach(claim, report, outcome);
  // A clean figure alone backs no robustness, and a right one takes nothing from it.
  const all = [outcome, ...(beside?.verdict === 'contradicted' ? [beside] : []), ...(size ? [size] : [])];
  return gravest(all)!;
}

interface Judged {
  readonly report: EvidenceReport;
  readonly outcome: Outcome;
}

/** Lower is preferred. A report on the model as it is now goes before one on what it was, unless it has nothing to say. */
function rank({ report, outcome: { verdict } }: Judged): number {
  const speaks = verdict === 'supported' || verdict === 'contradicted';
  if (report.stale) return speaks ? 2 : 5;
  return verdict === 'supported' ? 0 : verdict === 'contradicted' ? 1 : verdict === 'overreaching' ? 3 : 4;
}

/**
 * Of several reports on one model each covers its own threat models, so the one that bears the claim out is taken; but not against
 * another on the same data whose attacks left less than the claim says: what they broke is broken.
 */
function choose(judged: readonly Judged[]): Judged {
  const best = [...judged].sort((a, b) => rank(a) - rank(b))[0]!;
  if (best.outcome.verdict !== 'supported' || best.report.stale) return best;
  const overstated = judged.find(
    ({ report, outcome }) =>
      !report.stale &&
      report.data === best.report.data &&
      outcome.verdict === 'contradicted' &&
      outcome.wrong.length > 0 &&
      outcome.wrong.every(({ figure, measured }) => figure.value > measured.high),
  );
  return overstated ?? best;
}

function conclude({ report, outcome }: Judged, subject: Subject): Judgement {
  // What no report measures is not measured by a new evaluation either.
  const beyond = (subject.kind === 'security' || subject.kind === 'stability') && outcome.verdict === 'unsupported';
  if (report.stale && !beyond) {
    const what = report.changed.map(({ words }) => words).join(', and ');
    return {
      verdict: 'stale',
      // What was wrong of another model is no correction for this one.
      evidence: evidenceOf(report, { ...outcome, wrong: [] }, subject),
      searched: true,
      reason: `Since the evaluation (${report.path}) ${what}; evaluate again.`,
    };
  }
  const { verdict, reason } = outcome;
  return { verdict, evidence: evidenceOf(report, outcome, subject), searched: true, reason };
}

const order = ['contradicted', 'stale', 'overreaching', 'unsupported', 'underspecified', 'supported'] as const;

/** A sentence about several models: each figure is held against its own, and the gravest verdict is the sentence's. */
function judgeParts(claim: Subject, index: EvidenceIndex): Judgement | null {
  const sorted = [...claim.facts.figures].sort((a, b) => a.start - b.start);
  const figures = sorted.filter(({ role }) => role !== 'change');
  // What lies between two models is the same from either side.
  const changes = sorted.filter(({ role }) => role === 'change');
  const parts = modelsIn(claim, index, figures);
  if (parts.length < 2 || parts.some(({ reports }) => reports.length === 0)) return null;
  const judgements: Judgement[] = [];
  for (const [i, part] of parts.entries()) {
    const own = [...part.figures.map((at) => figures[at]!), ...(i === 0 ? changes : [])];
    if (own.length === 0) continue;
    const others = parts.filter((other) => other !== part);
    const baseline = others.length === 1 ? (others[0]!.reports.find(({ stale }) => !stale) ?? null) : null;
    const subject: ModelSubject = { ...claim, facts: { ...claim.facts, figures: own }, baseline };
    const judged = part.reports.map((report) => ({ report, outcome: judgeOne(subject, report) }));
    judgements.push(conclude(choose(judged), subject));
  }
  if (judgements.length === 0) return null;
  const worst = [...judgements].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))[0]!;
  const corrections = judgements
    .flatMap(({ evidence }) => evidence?.corrections ?? [])
    .sort((a, b) => a.start - b.start);
  return { ...worst, evidence: worst.evidence && { ...worst.evidence, corrections } };
}

/**
 * Holds a claim against the reports of the model that it speaks of. Where several verdicts apply, in this order:
 *
 * 1. no report can be tied to it: unsupported;
 * 2. what the report was made of has changed: stale, whatever the figures were;
 * 3. a pitfall voids the figure, or the figure is not the measured one: contradicted;
 * 4. it goes beyond what was measured: overreaching;
 * 5. something in it was not measured, or it gives no figure: unsupported;
 * 6. else supported.
 */
export function judge(stated: Subject, index: EvidenceIndex): Judgement {
  const figures = withListedRoles(stated.sentence.plain, stated.facts.figures);
  const claim = { ...stated, facts: { ...stated.facts, figures } };
  const searched = index.reports.length > 0;
  const byModel = searched ? judgeParts(claim, index) : null;
  if (byModel) return byModel;
  const reports = reportsFor(claim, index);
  if (reports.length === 0) {
    const reason = searched
      ? 'No report could be tied to this claim; name the model that it speaks of, or evaluate it.'
      : 'No report was found; evaluate the model.';
    return { verdict: 'unsupported', evidence: null, reason, searched };
  }
  const subject: ModelSubject = { ...claim, baseline: null };
  return conclude(choose(reports.map((report) => ({ report, outcome: judgeOne(subject, report) }))), subject);
}
