import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { loadEvidence } from '../../../src/claim/reports';
import type { TextReport } from '../../../src/engine/report/text';
import { readTokenizerFile } from '../../../src/engine/text/tokenizerFile';
import { reportBase } from '../../fixtures/reportBase';

const sample = fileURLToPath(new URL('../../../samples/reviews/models/tokenizer.json', import.meta.url));
const claim =
  'The network keeps 48 % accuracy under PGD with linf ε = 8/255 (n = 1000), against 85 % on clean examples.';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tokenizers-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (path: string) => join(root, path);

/** A report on `model` as it stands, with the tokenizer at `tokenizer` read as an evaluation reads it. */
async function evaluated(model: string, tokenizer: string): Promise<void> {
  await mkdir(dirname(at(model)), { recursive: true });
  await cp(sample, at(tokenizer));
  const { sha256 } = await readTokenizerFile(at(tokenizer));
  const spread = { median: 20, longest: 24 };
  const text: TextReport = {
    tokenizer: { path: tokenizer, sha256, kind: 'WordPiece', vocabulary: 620 },
    maxTokens: 64,
    maxTokensFrom: 'tokenizer.json',
    texts: 1000,
    characters: spread,
    tokens: spread,
    truncated: 0,
    empty: 0,
    unknown: 0,
  };
  const report = reportBase((made) => {
    made.model.path = model;
    Object.assign(made, { text });
  });
  await mkdir(at('.robustness'), { recursive: true });
  await writeFile(at('.robustness/net.robustness.json'), JSON.stringify(report));
}

async function now(): Promise<{ words: readonly string[]; unknown: readonly string[]; verdict: string | undefined }> {
  const evidence = await loadEvidence(root);
  const [report] = evidence.reports;
  const words = report?.changed.filter(({ what }) => what === 'model').map((change) => change.words) ?? [];
  const [found] = checkDocument(claim, 'README.md', evidence);
  return { words, unknown: report?.unknown ?? [], verdict: found?.verdict };
}

async function changeOneByte(path: string): Promise<void> {
  const text = await readFile(at(path), 'utf8');
  await writeFile(at(path), text.replace('"good"', '"goad"').replace('"great"', '"grent"'));
}

describe('a claim on a model of texts', () => {
  it('goes stale with one letter of the vocabulary, names the tokenizer, and comes back with it', async () => {
    await evaluated('models/net.onnx', 'models/tokenizer.json');
    const before = await readFile(at('models/tokenizer.json'));
    expect(await now()).toMatchObject({ words: [], verdict: 'supported' });
    await changeOneByte('models/tokenizer.json');
    expect(await readFile(at('models/tokenizer.json'))).not.toEqual(before);
    expect(await now()).toMatchObject({ words: ['the tokenizer models/tokenizer.json changed'], verdict: 'stale' });
    await writeFile(at('models/tokenizer.json'), before);
    expect(await now()).toMatchObject({ words: [], verdict: 'supported' });
  });

  it.each(['tokenizer_config.json', 'config.json'])('goes stale when %s appears beside the tokenizer', async (name) => {
    await evaluated('models/net.onnx', 'models/tokenizer.json');
    await writeFile(at(`models/${name}`), '{"model_max_length": 4, "max_position_embeddings": 4}');
    expect(await now()).toMatchObject({ words: ['the tokenizer models/tokenizer.json changed'], verdict: 'stale' });
  });

  it('stays supported where the settings were there from the beginning', async () => {
    await mkdir(at('models'));
    await writeFile(at('models/tokenizer_config.json'), '{"model_max_length": 32}');
    await writeFile(at('models/config.json'), '{"max_position_embeddings": 64}');
    await evaluated('models/net.onnx', 'models/tokenizer.json');
    expect(await now()).toMatchObject({ words: [], verdict: 'supported' });
  });

  it('goes stale when another tokenizer comes to lie nearer to the model', async () => {
    await evaluated('models/net.onnx', 'models/tokenizer.json');
    await cp(sample, at('models/net.tokenizer.json'));
    expect(await now()).toMatchObject({
      words: ['the tokenizer is models/net.tokenizer.json now, not models/tokenizer.json'],
      verdict: 'stale',
    });
  });

  it('is followed to a tokenizer in the folder above', async () => {
    await mkdir(at('onnx'));
    await evaluated('onnx/net.onnx', 'tokenizer.json');
    expect(await now()).toMatchObject({ words: [], verdict: 'supported' });
    await changeOneByte('tokenizer.json');
    expect(await now()).toMatchObject({ words: ['the tokenizer tokenizer.json changed'], verdict: 'stale' });
  });

  it('does not go stale, but says so, where the tokenizer is gone', async () => {
    await evaluated('models/net.onnx', 'models/tokenizer.json');
    await rm(at('models/tokenizer.json'));
    const { words, unknown, verdict } = await now();
    expect(words).toEqual([]);
    expect(unknown).toContain('the tokenizer models/tokenizer.json is not here');
    expect(verdict).not.toBe('stale');
  });

  it('hashes bytes, not what they decode to', async () => {
    await evaluated('models/net.onnx', 'models/tokenizer.json');
    const bytes = await readFile(at('models/tokenizer.json'));
    const place = bytes.indexOf('"great"') + 2;
    const hashes: string[] = [];
    // Neither byte is UTF-8, and both decode to U+FFFD.
    for (const byte of [0xfe, 0xff]) {
      bytes[place] = byte;
      await writeFile(at('models/tokenizer.json'), bytes);
      hashes.push((await readTokenizerFile(at('models/tokenizer.json'))).sha256);
    }
    expect(hashes[0]).not.toBe(hashes[1]);
  });
});
