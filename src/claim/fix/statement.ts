import { basename } from 'node:path/posix';
import type { EvidenceReport, MeasuredThreat } from '../evidence';
import { extractFacts, type Facts } from '../extract';
import type { Claim, MeasuredFigure } from '../types';
import type { Syntax } from './syntax';
import { attackWordsOf, enumerate, knowledgeWord, percentOf } from './wording';

/** How a document writes a share: `94 %` or `94%`. */
export function percentStyle(text: string, syntax: Syntax): (digits: string) => string {
  const spaced = text.match(/\d[ \u00a0~]\\?%/g)?.length ?? 0;
  const joined = text.match(/\d\\?%/g)?.length ?? 0;
  const gap = joined > spaced ? '' : syntax.name === 'latex' ? '~' : ' ';
  return (digits) => `${digits}${gap}${syntax.percent}`;
}

interface Writer {
  readonly syntax: Syntax;
  readonly percent: (digits: string) => string;
}

/** A sentence that began with the file's own small letter would not be told from the one before. */
const subjectOf = (report: EvidenceReport, syntax: Syntax) => `The model ${syntax.code(basename(report.model))}`;

/** How near a threat model is to what the sentence speaks of. */
function nearness(facts: Facts, threat: MeasuredThreat): number {
  const norm = facts.norms.includes(threat.norm) ? 4 : 0;
  const near = facts.epsilons.some(
    ({ value }) => Math.abs(value - threat.epsilon) <= 0.02 * threat.epsilon || value === threat.epsilon * 255,
  );
  return norm + (near ? 2 : 0) + (threat.knowledge === 'white-box' ? 1 : 0);
}

function nearest(facts: Facts, threats: readonly MeasuredThreat[]): MeasuredThreat | undefined {
  // Sorting is stable: of equals, the first of the spec.
  return [...threats].sort((a, b) => nearness(facts, b) - nearness(facts, a))[0];
}

const examples = ({ n }: Pick<MeasuredFigure, 'n'>, syntax: Syntax) => syntax.equation('n', String(n));

/** The clean figure, which every robust one needs beside it. */
function cleanPart(report: EvidenceReport, beside: Pick<MeasuredFigure, 'n'>, { percent, syntax }: Writer): string {
  const { clean } = report;
  if (!clean) return '';
  const own = clean.n === beside.n ? '' : ` (${examples(clean, syntax)})`;
  return `; clean accuracy ${percent(percentOf(clean.value, null))}${own}`;
}

function conditionOf(threat: MeasuredThreat, { syntax }: Writer): string {
  const unit = threat.norm === 'l0' && threat.counts === 'pixels' ? ' pixels' : '';
  return `${syntax.norm(threat.norm)} ${syntax.equation('ε', threat.epsilonText)}${unit}`;
}

/** `The model net.onnx has at most 62.0 % robust accuracy under AutoAttack (white-box), linf ε = 8/255, n = 1000; clean accuracy 95.0 %.` */
function robustSentence(report: EvidenceReport, threat: MeasuredThreat, writer: Writer): string | null {
  const { robustAccuracy: robust } = threat;
  const attacks = attackWordsOf(threat);
  if (!robust || attacks === '') return null;
  const { syntax, percent } = writer;
  const goal = threat.goal === 'targeted' ? ', targeted' : '';
  return [
    `${subjectOf(report, syntax)} has at most ${percent(percentOf(robust.value, 'upper'))} robust accuracy`,
    ` under ${syntax.text(attacks)} (${knowledgeWord(threat.knowledge)}${goal}), ${conditionOf(threat, writer)},`,
    ` ${examples(robust, syntax)}${cleanPart(report, robust, writer)}.`,
  ].join('');
}

/** `The model net.onnx has a certified accuracy of at least 41.0 %, l2 ε = 0.5, n = 1000; clean accuracy 95.0 %.` */
function certifiedSentence(report: EvidenceReport, threat: MeasuredThreat, writer: Writer): string | null {
  const { certifiedAccuracy: certified } = threat;
  // That at least none is certified says nothing.
  if (!certified || certified.value === 0) return null;
  const { syntax, percent } = writer;
  return [
    `${subjectOf(report, syntax)} has a certified accuracy of at least`,
    ` ${percent(percentOf(certified.value, 'lower'))}, ${conditionOf(threat, writer)},`,
    ` ${examples(certified, syntax)}${cleanPart(report, certified, writer)}.`,
  ].join('');
}

const corruptionWords = (name: string) => {
  const words = name.replaceAll(/[_-]+/g, ' ');
  return /^gaussian\b/.test(words) ? `G${words.slice(1)}` : words;
};

/** `The model net.onnx keeps 65.0 % accuracy under Gaussian noise of severity 3, n = 200; clean accuracy 95.0 %.` */
function corruptionSentence(claim: Claim, report: EvidenceReport, writer: Writer): string | null {
  const measured = report.corruptions;
  if (!measured || measured.byCorruption.length === 0) return null;
  const { syntax, percent } = writer;
  const subject = subjectOf(report, syntax);
  const text = claim.text.toLowerCase();
  const words = (name: string) => name.split(/[_-]+/).filter((word) => word.length > 3 && word !== 'gaussian');
  const rows = measured.byCorruption.filter(({ name }) => words(name).some((word) => text.includes(word)));
  const names = new Set(rows.map(({ name }) => name));
  if (names.size === 1) {
    const asked = /\bseverity (?:level )?([1-5])\b/i.exec(claim.text)?.[1];
    // Of several severities the hardest is the one that says most.
    const row =
      rows.find(({ severity }) => severity === Number(asked)) ?? [...rows].sort((a, b) => b.severity - a.severity)[0]!;
    const share = percent(percentOf(row.accuracy.value, null));
    const condition = `${syntax.text(corruptionWords(row.name))} of severity ${row.severity}`;
    return `${subject} keeps ${share} accuracy under ${condition}, ${examples(row.accuracy, syntax)}${cleanPart(report, row.accuracy, writer)}.`;
  }
  const all = [...new Set(measured.byCorruption.map(({ name }) => corruptionWords(name)))];
  const severities = [...new Set(measured.byCorruption.map(({ severity }) => severity))].sort((a, b) => a - b);
  const mean = measured.meanAccuracy;
  return [
    `${subject} keeps a mean accuracy of ${percent(percentOf(mean.value, null))} under ${syntax.text(enumerate(all))}`,
    ` (severity ${enumerate(severities.map(String))}), ${examples({ n: report.count }, syntax)}${cleanPart(report, { n: report.count }, writer)}.`,
  ].join('');
}

/**
 * Sentences that say what a report measured, the one nearest to the claim's subject first. Attacks give upper bounds
 * ("at most"), certificates lower ones ("at least"). Empty where the report measured nothing of the claim's kind.
 *
 * @param document the whole text, whose way of writing per cent is followed
 */
export function statementsFor(claim: Claim, report: EvidenceReport, document: string, syntax: Syntax): string[] {
  const writer: Writer = { syntax, percent: percentStyle(document, syntax) };
  const facts = extractFacts(claim.text);
  const certified = nearest(
    facts,
    report.threatModels.filter((threat) => threat.certifiedAccuracy),
  );
  const attacked = nearest(
    facts,
    report.threatModels.filter((threat) => threat.robustAccuracy),
  );
  const robust = attacked ? robustSentence(report, attacked, writer) : null;
  const certificate = certified ? certifiedSentence(report, certified, writer) : null;
  const corruption = corruptionSentence(claim, report, writer);
  const order: Partial<Record<Claim['kind'], readonly (string | null)[]>> = {
    certified: [certificate, robust],
    adversarial: [robust, certificate],
    general: [robust, certificate, corruption],
    corruption: [corruption],
  };
  return (order[claim.kind] ?? []).filter((sentence) => sentence !== null);
}
