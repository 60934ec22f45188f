import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { FileHashes } from '../../../src/claim/hashes';
import { loadEvidence } from '../../../src/claim/reports';
import type { Report } from '../../../src/engine/report/schema';
import { reportBase } from '../../fixtures/reportBase';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'changes-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

const sha = (...parts: (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

const files = {
  'models/net.onnx': 'a model',
  'models/net.onnx.data': 'its weights',
  'data/images.idx': 'images',
  'data/labels.idx': 'labels',
  'robustness.yaml': `model: models/net.onnx
data: {test: {path: data/images.idx, labels: data/labels.idx}, unit: 255}
preprocess: {mean: 0.5, std: [0.25]}
threatModels: [{name: linf-8, norm: linf, epsilon: 8/255, knowledge: white-box}]
`,
};

async function evaluated(change: (report: Report) => void = () => {}): Promise<void> {
  for (const [path, content] of Object.entries(files)) await put(path, content);
  const report = reportBase((report) => {
    Object.assign(report.model, {
      path: 'models/net.onnx',
      sha256: sha(files['models/net.onnx']),
      external: [{ path: 'net.onnx.data', sha256: sha(files['models/net.onnx.data']) }],
    });
    Object.assign(report.data, {
      path: 'data/images.idx',
      files: ['data/images.idx', 'data/labels.idx'],
      sha256: sha(files['data/images.idx'], files['data/labels.idx']),
    });
    report.spec = { preprocess: { mean: [0.5], std: [0.25], layout: 'nchw', channels: 'rgb' } };
    change(report);
  });
  await put('.robustness/net.robustness.json', JSON.stringify(report));
}

const only = async () => (await loadEvidence(root)).reports[0]!;
const settle = () => new Promise((done) => setTimeout(done, 15));

describe('what changed since a report', () => {
  it('is nothing at first', async () => {
    await evaluated();
    expect(await only()).toMatchObject({ stale: false, changed: [], unknown: [] });
  });

  it.each<[string, string, 'model' | 'data' | 'spec', RegExp]>([
    ['models/net.onnx', 'b model', 'model', /the model file models\/net\.onnx changed/],
    ['models/net.onnx.data', 'its weighty', 'model', /the weights net\.onnx\.data of models\/net\.onnx changed/],
    ['data/images.idx', 'imagex', 'data', /the data data\/images\.idx changed/],
    ['data/labels.idx', 'labelz', 'data', /the data data\/images\.idx changed/],
    [
      'robustness.yaml',
      files['robustness.yaml'].replace('8/255', '4/255'),
      'spec',
      /now says ε = 4\/255 of linf-8, not 0\.03137/,
    ],
    [
      'robustness.yaml',
      files['robustness.yaml'].replace('norm: linf', 'norm: l2'),
      'spec',
      /norm l2 of linf-8, not linf/,
    ],
    [
      'robustness.yaml',
      files['robustness.yaml'].replace('white-box', 'black-box-score'),
      'spec',
      /black-box-score of linf-8/,
    ],
    ['robustness.yaml', files['robustness.yaml'].replace('mean: 0.5', 'mean: 0.4'), 'spec', /mean 0\.4, not 0\.5/],
    ['robustness.yaml', files['robustness.yaml'].replace('unit: 255', 'unit: 1'), 'spec', /unit 1, not 255/],
  ])('is %s where one byte of it is another, and is named (%#)', async (path, content, what, words) => {
    await evaluated();
    await only();
    await settle();
    await put(path, content);
    const { stale, changed } = await only();
    expect(stale).toBe(true);
    expect(changed).toHaveLength(1);
    expect(changed[0]!.what).toBe(what);
    expect(changed[0]!.words).toMatch(words);
    const [claim] = checkDocument(
      'The network keeps 48 % accuracy under PGD with linf ε = 8/255, against 85 % on clean images.',
      'README.md',
      await loadEvidence(root),
    );
    expect(claim).toMatchObject({ verdict: 'stale', rules: [{ rule: 'claims/stale' }] });
    expect(claim!.rules[0]!.message).toMatch(words);
    await settle();
    await put(path, files[path as keyof typeof files]);
    expect((await only()).stale).toBe(false);
  });

  it.each([
    ['the suite', 'epsilon: 8/255', 'epsilon: 8/255, suite: thorough'],
    ['another threat model', 'threatModels: [', 'threatModels: [{name: l2, norm: l2, epsilon: 1}, '],
    ['a mean for each channel', 'mean: 0.5', 'mean: [0.5, 0.5, 0.5]'],
    ['what it is called', 'name: linf-8', 'name: linf-eight'],
    ['a limit', 'path: data/images.idx', 'limit: 10, path: data/images.idx'],
    ['nonsense', 'threatModels', 'threadModels'],
  ])('is not %s in the spec', async (_, before, after) => {
    await evaluated();
    await put('robustness.yaml', files['robustness.yaml'].replace(before, after));
    expect((await only()).changed).toEqual([]);
  });

  it.each([
    ['models/net.onnx', /the model file models\/net\.onnx is not here/],
    ['data/labels.idx', /the data data\/images\.idx is not here/],
  ])('is not known of %s that is gone, and that is said', async (path, words) => {
    await evaluated();
    await rm(join(root, path));
    const { stale, unknown } = await only();
    expect(stale).toBe(false);
    expect(unknown.join()).toMatch(words);
    const [claim] = checkDocument('The network is robust to linf attacks.', 'README.md', await loadEvidence(root));
    expect(claim!.evidence!.figures.join()).toMatch(words);
  });

  it('of data in many files, or that an earlier version did not list, is said to be unknown', async () => {
    await evaluated((report) => {
      delete report.data.files;
      report.data.path = 'data';
    });
    expect(await only()).toMatchObject({ stale: false, unknown: ['the data data are in many files and not compared'] });
  });

  it('follows no path out of a report into a folder, and no link in a circle', async () => {
    await evaluated((report) => {
      report.model.path = '..';
      report.data.files = ['.', 'data'];
    });
    expect((await only()).stale).toBe(false);
  });
});

describe('FileHashes', () => {
  const large = Buffer.alloc(5 * 2 ** 20, 7);

  it('remembers large files across processes, and sees one byte change', async () => {
    const folder = join(root, 'cache');
    await put('large.bin', large);
    const file = join(root, 'large.bin');
    // Files that were just written may be written again in the same tick: those are not remembered.
    const fresh = new FileHashes(folder);
    expect(await fresh.of([file])).toBe(sha(large));
    await fresh.save();
    await expect(readFile(join(folder, 'hashes.json'))).rejects.toThrow();
    await new Promise((done) => setTimeout(done, 2100));
    const first = new FileHashes(folder);
    await first.of([file]);
    await first.save();
    const stored = await readFile(join(folder, 'hashes.json'), 'utf8');
    expect(stored).toContain(sha(large));
    // What is stored is believed, so that nothing is read again.
    await writeFile(join(folder, 'hashes.json'), stored.replace(sha(large), '0'.repeat(64)));
    expect(await new FileHashes(folder).of([file])).toBe('0'.repeat(64));
    const changed = Buffer.from(large);
    changed[4]! ^= 1;
    await put('large.bin', changed);
    // Even with the time of the old content.
    await utimes(file, 1, 1);
    expect(await new FileHashes(folder).of([file])).toBe(sha(changed));
  });

  it.each(['', '[]', 'null', '{"a": 3}', '{', '{"/x": {"key": 1, "sha256": "y"}}'])(
    'takes a broken store for none: %s',
    async (text) => {
      await put('cache/hashes.json', text);
      await put('large.bin', large);
      expect(await new FileHashes(join(root, 'cache')).of([join(root, 'large.bin')])).toBe(sha(large));
    },
  );

  it('is null for what is no file', async () => {
    const hashes = new FileHashes(root);
    expect(await hashes.of([root])).toBeNull();
    expect(await hashes.of([join(root, 'nowhere')])).toBeNull();
  });
});

describe('what specs say of claims', () => {
  const claims = `claims:
  include: [README.md]
  exclude: [docs/old/**]
  rules: {claims/no-tradeoff: off}
  about: [{documents: ["docs/net.md"], model: models/net.onnx}]
`;
  const spec = (extra = '') => `model: models/net.onnx\ndata: {test: {path: data/x.npz}}\n${extra}`;

  it('is found at any depth, with the folder that it counts from', async () => {
    await put('robustness.yaml', spec(claims));
    await put('nets/a/cats.robustness.yml', spec('claims: {include: ["**/*.md"]}\n'));
    await put(
      'nets/b/robustness.json',
      JSON.stringify({ model: 'm.onnx', data: { test: { path: 'x.npz' } }, claims: { exclude: ['x.md'] } }),
    );
    await put('nets/c/robustness.yaml', spec());
    await put('nets/d/robustness.yaml', `${spec(claims)}nonsense: 1\n`);
    await put('nets/e/robustness.yaml', '{');
    await put('node_modules/x/robustness.yaml', spec(claims));
    await put('.robustness/robustness.yaml', spec(claims));
    expect((await loadEvidence(root)).policies).toEqual([
      {
        folder: '',
        include: ['README.md'],
        exclude: ['docs/old/**'],
        rules: { 'claims/no-tradeoff': 'off' },
        about: [{ documents: ['docs/net.md'], model: 'models/net.onnx' }],
      },
      { folder: 'nets/a/', include: ['**/*.md'], exclude: [], rules: {}, about: [] },
      { folder: 'nets/b/', include: [], exclude: ['x.md'], rules: {}, about: [] },
    ]);
  });

  it('is read again when it has changed', async () => {
    await put('robustness.yaml', spec(claims));
    await loadEvidence(root);
    await settle();
    await put('robustness.yaml', spec('claims: {include: [A.md]}\n'));
    expect((await loadEvidence(root)).policies).toMatchObject([{ include: ['A.md'] }]);
  });
});

describe('reports that cannot be read', () => {
  it('are named, with what to do', async () => {
    await evaluated();
    await put('.robustness/new.robustness.json', '{"schemaVersion": 99}');
    await put('.robustness/old.robustness.json', '{"schemaVersion": 0}');
    await put('.robustness/torn.robustness.json', '{"schemaVersion": 1,');
    const { reports, unread } = await loadEvidence(root);
    expect(reports).toHaveLength(1);
    expect(unread!.map(({ path }) => path)).toEqual([
      '.robustness/new.robustness.json',
      '.robustness/old.robustness.json',
      '.robustness/torn.robustness.json',
    ]);
    expect(unread![0]!.reason).toMatch(/newer version/);
    for (const { reason } of unread!) expect(reason).toMatch(/valuate the model again/);
  });
});
