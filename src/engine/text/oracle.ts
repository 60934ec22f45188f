import { RobustnessError } from '../error';
import type { OwnedOracle } from '../oracle/oracle';
import type { ProviderChoice } from '../oracle/provider';
import { decodeText } from './codePoints';
import type { TextRunner } from './runner';
import type { TextTokenizer, Tokens } from './tokenizer';

/** Tokenised texts that are kept, and how long they may be: some 30 MB at most. */
const mostKept = 20_000;
const longestKept = 600;

export interface TextOracleOptions {
  readonly runner: TextRunner;
  readonly tokenizer: TextTokenizer;
  /** Code points in an example. */
  readonly width: number;
  readonly classes: number;
  readonly scores: TextScores;
  readonly batchSize: number;
  readonly given: boolean;
  readonly provider: ProviderChoice;
  release(): Promise<void>;
}

/** What the rows of an output are: scores of the classes, one unit that stands for two, or a label. */
export type TextScores = 'classes' | 'unit' | 'labels';

/** The model as attacks see it: code points in, logits out. It has no gradient, since characters are discrete. */
export function createTextOracle(options: TextOracleOptions): OwnedOracle {
  const { runner, tokenizer, width, classes, scores, batchSize, provider, release } = options;
  const counts = { forwards: 0, backwards: 0 };
  /** Of texts that were asked about: searches at several ε ask much the same. */
  const known = new Map<string, Tokens>();
  const tokensOf = (text: string): Tokens => {
    const cached = known.get(text);
    if (cached) return cached;
    const tokens = tokenizer.encode(text);
    if (text.length > longestKept) return tokens;
    if (known.size >= mostKept) known.clear();
    known.set(text, tokens);
    return tokens;
  };
  return {
    classes,
    exampleShape: [width],
    exampleSize: width,
    differentiable: false,
    ...(scores === 'labels' ? { labelsOnly: true } : {}),
    batchSize,
    batch: { size: batchSize, from: options.given ? 'given' : 'estimated' },
    estimatedBatchSize: batchSize,
    provider,
    counts,
    async logits(x) {
      const n = x.length / width;
      const texts = Array.from({ length: n }, (_, i) => tokensOf(decodeText(x.subarray(i * width, (i + 1) * width))));
      counts.forwards += n;
      return classRows(await runner.run(texts), n, classes, scores, 0);
    },
    gradient() {
      throw new RobustnessError(
        'gradient/unavailable',
        'The model has no gradient: characters are discrete.',
        'Use attacks by scores or labels under a threat model of edits.',
      );
    },
    release,
  };
}

/**
 * Rows of an output as [n, classes].
 * @param rest what the first class gets of one unit: 0 before a sigmoid, 1 less the unit behind it
 */
export function classRows(
  raw: Float32Array,
  n: number,
  classes: number,
  scores: TextScores,
  rest: 0 | 'complement',
): Float32Array {
  if (scores === 'classes') return raw;
  const rows = new Float32Array(n * classes);
  for (let i = 0; i < n; i++) {
    const value = raw[i]!;
    if (scores === 'labels') rows[i * classes + (value >= 0 && value < classes ? value : classes - 1)] = 1;
    else {
      rows[2 * i] = rest === 'complement' ? 1 - value : 0;
      rows[2 * i + 1] = value;
    }
  }
  return rows;
}
