/**
 * Scores the claim linter on labelled sentences, and counts what it flags in whole documents.
 *
 *   npx tsx bench/claims.ts LABELLED.jsonl [FOLDER_OF_MARKDOWN] [--errors]
 *
 * A line of the labelled file: `text`, `before`, `after`, `heading`, `is_claim`, `kind`, `pitfalls`, `note`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDocument } from '../src/claim/check';
import { explain } from '../src/claim/detect';
import { parseMarkdown } from '../src/claim/document/markdown';
import { emptyEvidence } from '../src/claim/evidence';
import { isLearningDocument } from '../src/claim/topic';
import type { Claim } from '../src/claim/types';

interface Labelled {
  id: string;
  text: string;
  before: string;
  after: string;
  heading: string;
  is_claim: boolean;
  kind: string;
  pitfalls: string[];
  note: string;
}

/** The rules of prose that the labels know. */
const pitfalls = [
  'binary-robustness',
  'no-threat-model',
  'clean-accuracy-as-robustness',
  'no-tradeoff',
  'weak-attack',
  'gradient-masking-as-defence',
  'generalisation-as-robustness',
  'guarantee-overreach',
];

/** The sentence in its surroundings, and the lines that it takes. */
function documentOf(row: Labelled): { text: string; from: number; to: number } {
  const head = `${row.heading ? `## ${row.heading.replace(/\s+/g, ' ')}\n\n` : ''}${row.before ? `${row.before}\n\n` : ''}`;
  const text = `${head}${row.text}${row.after ? `\n\n${row.after}` : ''}\n`;
  const from = text.slice(0, head.length).split('\n').length;
  const to = from + row.text.split('\n').length - 1;
  return { text, from, to };
}

function claimsIn(row: Labelled): Claim[] {
  const { text, from, to } = documentOf(row);
  return checkDocument(text, 'row.md', emptyEvidence).filter((claim) => claim.line <= to && claim.endLine >= from);
}

/** What spoke against each phrase of a sentence that was missed. */
function vetoes(row: Labelled): string {
  const { sentences } = parseMarkdown(documentOf(row).text);
  const topic = isLearningDocument(sentences);
  const own = sentences.filter((sentence) => row.text.includes(sentence.plain.slice(0, 20)));
  return own.flatMap((sentence) => explain(sentence, topic)).join(' | ');
}

const percent = (part: number, whole: number) => (whole === 0 ? '   -  ' : `${((100 * part) / whole).toFixed(1)} %`);

function score(rows: Labelled[], title: string, errors: boolean): void {
  let [truePositive, falsePositive, falseNegative, kindRight] = [0, 0, 0, 0];
  const table = new Map(pitfalls.map((name) => [name, { hit: 0, extra: 0, missed: 0 }]));
  for (const row of rows) {
    const found = claimsIn(row);
    const claim = found[0];
    if (claim && row.is_claim) {
      truePositive++;
      if (claim.kind === row.kind) kindRight++;
      else if (errors) console.log(`KIND ${row.id} ${claim.kind} for ${row.kind}: ${row.text.slice(0, 200)}`);
    } else if (claim) {
      falsePositive++;
      if (errors) console.log(`FP   ${row.id} ${row.note}: ${row.text.slice(0, 300)}`);
    } else if (row.is_claim) {
      falseNegative++;
      if (errors) console.log(`FN   ${row.id}: ${row.text.slice(0, 300)}\n     ${vetoes(row)}`);
    }
    if (!row.is_claim || !claim) continue;
    const rules = new Set(found.flatMap((one) => one.rules.map((hit) => hit.rule.replace('claims/', ''))));
    for (const name of pitfalls) {
      const cell = table.get(name)!;
      const labelled = row.pitfalls.includes(name);
      if (rules.has(name) && labelled) cell.hit++;
      else if (rules.has(name)) cell.extra++;
      else if (labelled) cell.missed++;
      if (errors && rules.has(name) !== labelled)
        console.log(`PIT  ${row.id} ${labelled ? 'missed' : 'extra'} ${name}: ${row.text.slice(0, 200)}`);
    }
  }
  console.log(`\n${title}: ${rows.length} sentences`);
  console.log(
    `  precision      ${percent(truePositive, truePositive + falsePositive)}  (${falsePositive} false alarms)`,
  );
  console.log(`  recall         ${percent(truePositive, truePositive + falseNegative)}  (${falseNegative} missed)`);
  console.log(`  kind accuracy  ${percent(kindRight, truePositive)}`);
  for (const [name, { hit, extra, missed }] of table) {
    console.log(
      `  F1 ${name.padEnd(30)} ${percent(2 * hit, 2 * hit + extra + missed)}  (hit ${hit}, extra ${extra}, missed ${missed})`,
    );
  }
}

const [labelled, folder] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const errors = process.argv.includes('--errors');
if (!labelled) {
  console.error('usage: npx tsx bench/claims.ts LABELLED.jsonl [FOLDER_OF_MARKDOWN] [--errors]');
  process.exit(2);
}
const rows = readFileSync(labelled, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Labelled);
const doubtful = (row: Labelled) => row.note.includes('DOUBTFUL');
score(
  rows.filter((row) => !doubtful(row)),
  'certain',
  errors,
);
score(rows.filter(doubtful), 'doubtful', errors);

if (folder) {
  let [lines, flagged, found] = [0, 0, 0];
  const started = performance.now();
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8');
    lines += text.split('\n').length;
    for (const claim of checkDocument(text, name, emptyEvidence)) {
      found++;
      if (claim.rules.length > 0) flagged++;
      if (errors)
        console.log(`${name}:${claim.line}: ${claim.kind} [${claim.rules.map((hit) => hit.rule)}] ${claim.text}`);
    }
  }
  const elapsed = performance.now() - started;
  console.log(`\n${names.length} documents, ${lines} lines: ${found} claims, ${flagged} flagged`);
  console.log(`  flagged in 200 lines: ${((200 * flagged) / lines).toFixed(2)} (at most these can be false alarms)`);
  console.log(`  ${elapsed.toFixed(0)} ms`);
}
