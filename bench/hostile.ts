/**
 * How long the linter takes for documents of one megabyte that are made to hold it up: processor time of `checkDocument`, the
 * parser included, in a process that has checked others before.
 *
 *   npx tsx bench/hostile.ts [KILOBYTES=1000] [FORMAT=md]
 */
import { checkDocument } from '../src/claim/check';
import { emptyEvidence } from '../src/claim/evidence';
import { generateDocument } from './documents';

const units = Number(process.argv[2] ?? 1000) * 1000;
const format = process.argv[3] ?? 'md';
const claim = 'Our model is robust to adversarial attacks';

/** What is repeated until the document is full. */
const pieces: Readonly<Record<string, string>> = {
  'one sentence': `${claim} and `,
  'claims in one paragraph': `${claim}. `,
  'claims in paragraphs': `${claim}.\n\n`,
  'claims with figures': `${claim} and keeps 61.3 % accuracy under PGD with linf ε = 8/255.\n\n`,
  items: `- ${claim}.\n`,
  headings: `# ${claim}\n\n${claim}.\n\n`,
  rows: `| net | 91.2 % | 53.4 % robust accuracy |\n`,
  quotations: `> ${claim}.\n`,
  'words of triggers': 'robust certified keeps under noise attack accuracy ',
  'verbs without end': 'improves shows has with ',
  figures: 'Accuracy 1 % under noise 2 % ',
  spaces: `${claim}        `,
  dashes: '-',
  letters: 'a',
  stops: '. ',
  emphasis: '**a _b_ ',
  brackets: '[[(',
  links: '[a](b) ',
  ticks: '` `` ``` ',
  tags: '<a <b> </i> ',
  comments: '<!-- ',
  entities: '&amp;&#37;&epsilon; ',
  formulas: '$a$ $$ ',
  lists: '- - - 1. > ',
  fences: '```{note}\n',
  containers: ':::note\n',
  capitals: 'K. L. Robust, M. (2019). ',
  quotes: '"Robust Networks For Everybody Are Here" ',
  'signs beyond ASCII': 'ε ≤ 8 – “robust” ſK ',
};

checkDocument(generateDocument(1, 'claims', 2000), `warm.${format}`, emptyEvidence);
let worst = 0;
for (const [name, piece] of Object.entries(pieces)) {
  const head = name === 'rows' ? '| a | clean | robust (linf, ε = 8/255) |\n|---|---|---|\n' : '';
  const text = `A neural network, trained on a data set.\n\n${head}${piece.repeat(Math.ceil(units / piece.length))}`;
  const started = process.cpuUsage();
  const claims = checkDocument(text, `a.${format}`, emptyEvidence).length;
  const { user, system } = process.cpuUsage(started);
  const ms = (user + system) / 1000;
  worst = Math.max(worst, ms);
  console.log(`${name.padEnd(24)} ${ms.toFixed(0).padStart(6)} ms   ${claims} claims`);
}
console.log(`worst ${worst.toFixed(0)} ms of the processors, for ${units / 1000} kB each`);
