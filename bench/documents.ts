import { Random } from '../src/engine/random';

/**
 * What a generated document is like: `software`, a README that speaks of robust parsers and builds; `learning`, the README of
 * a model with some claims in it; `claims`, prose in which nearly every sentence has words of robustness, the hard case.
 */
export const flavours = ['software', 'learning', 'claims'] as const;
export type Flavour = (typeof flavours)[number];

const titles = [
  'Overview',
  'Usage',
  'Results',
  'Method',
  'Training',
  'Limitations',
  'Evaluation',
  'Data',
  'Notes',
  'How it works',
];
const systems = [
  'The server',
  'This package',
  'The parser',
  'Our command line',
  'The cache',
  'The scheduler',
  'The client',
];
const duties = [
  'handles malformed input',
  'retries requests that fail',
  'is robust to slow disks',
  'keeps its index on disk',
  'works on every platform that we test',
  'removes stale locks before it starts',
  'writes a log that can be filtered by level',
  'protects its state with one lock',
];
const reasons = [
  'so that an upgrade needs no downtime',
  'and says what went wrong',
  'which a later release may change',
  'as the manual explains in more detail',
  'without a copy of the whole file',
  'when the configuration asks for it',
];
const models = [
  'Our model',
  'The classifier',
  'This network',
  'The fine-tuned detector',
  'The ensemble',
  'Our ResNet',
  'The policy',
];
const facts = [
  'was trained for 90 epochs on the training split of the dataset',
  'takes images of 224 × 224 pixels and returns logits',
  'uses a cosine schedule with a warm-up of five epochs',
  'has 24 M parameters and runs at 120 frames a second',
  'reaches a test accuracy of 93.1 % after fine-tuning',
  'is evaluated with the script in `tools/evaluate.py`',
];
const claims = [
  'is robust to adversarial attacks',
  'keeps 61.3 % accuracy under PGD with linf ε = 8/255',
  'generalises well to unseen hospitals and scanners',
  'withstands noise, blur and fog of severity 3',
  'remains stable under occlusion and in low light',
  'is certifiably robust within an l2 radius of 0.5',
  'cannot be fooled by imperceptible perturbations',
  'shows improved robustness against distribution shifts',
  'may become more robust when it is trained for longer',
  'is not resistant to adaptive attacks, which we did not run',
  'handles typos and paraphrases reliably',
  'maintains performance across different seeds and folds',
];
const ends = [
  'compared with the baseline',
  'on CIFAR-10 and on ImageNet-C',
  'as Table 2 shows',
  'in all of our experiments',
  'even when the attacker knows the weights',
  'with little loss of clean accuracy',
];

/** A generated Markdown document, the same for the same arguments: paragraphs, lists, tables, code, links and marks. */
export function generateDocument(seed: number, flavour: Flavour, lines: number): string {
  const random = Random.of(seed);
  const below = (n: number) => Math.min(n - 1, Math.floor(random.uniform() * n));
  const pick = (from: readonly string[]) => from[below(from.length)]!;
  const chance = (p: number) => random.uniform() < p;
  const software = () => `${pick(systems)} ${pick(duties)} ${pick(reasons)}`;
  const sentence = (): string => {
    if (flavour === 'software') return software();
    const claim = chance(flavour === 'claims' ? 0.5 : 0.15);
    return `${pick(models)} ${claim ? pick(claims) : pick(facts)} ${pick(ends)}`;
  };
  const marked = (text: string): string => {
    const words = text.split(' ');
    const at = below(words.length - 1);
    const kind = random.uniform();
    if (kind < 0.1) words[at] = `**${words[at]}**`;
    else if (kind < 0.18) words[at] = `\`${words[at]}\``;
    else if (kind < 0.26) words[at] = `[${words[at]}](https://example.org/${seed}/${at})`;
    else if (kind < 0.29) words[at] = `_${words[at]}_`;
    return `${words.join(' ')}.`;
  };
  const out = [`# Project ${seed}`, '', marked(sentence()), ''];
  while (out.length < lines) {
    const kind = random.uniform();
    if (kind < 0.12) out.push(`${'#'.repeat(2 + below(2))} ${pick(titles)} ${below(90)}`, '');
    else if (kind < 0.24) {
      for (let i = 2 + below(5); i > 0; i--) out.push(`- ${marked(sentence())}`);
      out.push('');
    } else if (kind < 0.3) {
      out.push(
        '```python',
        ...Array.from({ length: 2 + below(6) }, (_, i) => `step_${i} = run(${below(99)})`),
        '```',
        '',
      );
    } else if (kind < 0.35) {
      out.push('| model | clean accuracy | robust accuracy (linf, ε = 8/255) |', '|---|---|---|');
      for (let i = 2 + below(4); i > 0; i--)
        out.push(`| net-${below(99)} | ${60 + below(39)}.${below(10)} % | ${below(60)}.${below(10)} % |`);
      out.push('');
    } else {
      // One sentence a line, or a paragraph wrapped by hand.
      for (let i = 1 + below(5); i > 0; i--) out.push(marked(sentence()));
      out.push('');
    }
  }
  return `${out.slice(0, lines).join('\n')}\n`;
}
