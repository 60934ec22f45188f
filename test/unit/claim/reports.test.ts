import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { loadEvidence } from '../../../src/claim/reports';
import type { Report } from '../../../src/engine/report/schema';
import { reportBase } from '../../fixtures/reportBase';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'claims-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

const weights = Buffer.from('some weights');
const sha256 = createHash('sha256').update(weights).digest('hex');
const evaluated = (change: (report: Report) => void = () => {}) =>
  JSON.stringify(
    reportBase((report) => {
      report.model.path = 'models/net.onnx';
      report.model.sha256 = sha256;
      change(report);
    }),
  );

describe('loadEvidence', () => {
  it('finds reports at any depth, and holds claims against them', async () => {
    await put('nets/a/.robustness/net.robustness.json', evaluated());
    await put('nets/a/models/net.onnx', weights);
    const { reports } = await loadEvidence(root);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({
      path: 'nets/a/.robustness/net.robustness.json',
      model: 'models/net.onnx',
      stale: false,
    });
    const measured = reports[0]!.threatModels.find((threat) => threat.norm === 'linf')!;
    const share = (100 * measured.robustAccuracy!.value).toFixed(1);
    const clean = (100 * reports[0]!.clean!.value).toFixed(1);
    const sentence = `The network keeps ${share} % accuracy under PGD with linf ε = ${measured.epsilonText}, against ${clean} % on clean images.`;
    const [claim] = checkDocument(sentence, 'nets/a/README.md', { reports });
    expect(claim).toMatchObject({ verdict: 'supported', rules: [] });
  });

  it('knows a report as stale from one changed byte of the model on, and fresh again when it is changed back', async () => {
    await put('.robustness/net.robustness.json', evaluated());
    await put('models/net.onnx', weights);
    expect((await loadEvidence(root)).reports[0]!.stale).toBe(false);
    const changed = Buffer.from(weights);
    changed[3]! ^= 1;
    await new Promise((done) => setTimeout(done, 20));
    await put('models/net.onnx', changed);
    expect((await loadEvidence(root)).reports[0]!.stale).toBe(true);
    await new Promise((done) => setTimeout(done, 20));
    await put('models/net.onnx', weights);
    expect((await loadEvidence(root)).reports[0]!.stale).toBe(false);
    await rm(join(root, 'models/net.onnx'));
    expect((await loadEvidence(root)).reports[0]!.stale).toBe(false);
  });

  it('reads a report again when it has changed', async () => {
    await put('.robustness/net.robustness.json', evaluated());
    expect((await loadEvidence(root)).reports[0]!.clean!.value).toBeCloseTo(0.85);
    await new Promise((done) => setTimeout(done, 20));
    await put(
      '.robustness/net.robustness.json',
      evaluated((report) => {
        report.clean!.accuracy.value = 0.8;
      }),
    );
    expect((await loadEvidence(root)).reports[0]!.clean!.value).toBe(0.8);
  });

  it.each(['running', 'interrupted', 'failed'] as const)('leaves out a report that is %s', async (state) => {
    await put(
      '.robustness/net.robustness.json',
      evaluated((report) => {
        report.status.state = state;
      }),
    );
    expect((await loadEvidence(root)).reports).toEqual([]);
  });

  it('leaves out broken and hostile files, and looks only where reports lie', async () => {
    await put('.robustness/a.robustness.json', '{');
    await put('.robustness/b.robustness.json', '');
    await put('.robustness/c.robustness.json', 'null');
    await put('.robustness/d.robustness.json', '{"schemaVersion": 99}');
    await put('.robustness/e.robustness.json', '['.repeat(200_000));
    await put('.robustness/f.robustness.json', Buffer.from([0xff, 0xfe, 0, 1]));
    await put('.robustness/g.robustness.json', evaluated().replace('"linf"', '"l7"'));
    await put('net.robustness.json', evaluated());
    await put('node_modules/x/.robustness/net.robustness.json', evaluated());
    await put('.git/.robustness/net.robustness.json', evaluated());
    await mkdir(join(root, '.robustness/h.robustness.json'));
    await mkdir(join(root, 'loop'));
    await symlink(root, join(root, 'loop/again'));
    expect((await loadEvidence(root)).reports).toEqual([]);
  });

  it('is empty for a folder that does not exist', async () => {
    expect(await loadEvidence(join(root, 'nowhere'))).toEqual({ reports: [], policies: [], unread: [] });
  });

  it('takes a model that is no file as not known to differ', async () => {
    await put(
      '.robustness/net.robustness.json',
      evaluated((report) => {
        report.model.path = '.';
      }),
    );
    expect((await loadEvidence(root)).reports[0]!.stale).toBe(false);
  });
});
