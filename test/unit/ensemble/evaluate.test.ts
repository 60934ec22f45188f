import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileHashes } from '../../../src/claim/hashes';
import { SpecFiles } from '../../../src/claim/specFiles';
import { changesSince, sourcesOf } from '../../../src/claim/staleness';
import { openDataset } from '../../../src/engine/data/open';
import { combineScores } from '../../../src/engine/ensemble/combine';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { comparable } from '../../../src/engine/evaluate/run';
import { argmax } from '../../../src/engine/evaluate/state';
import { openModel } from '../../../src/engine/model';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, type Workspace } from '../evaluate/workspace';

const count = 6;
const normal = { mean: 0.1307, std: 0.3081 };
const spec = (ensemble: object) => ({
  model: undefined,
  ensemble,
  data: { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: count }, range: [0, 255], unit: 255 },
  preprocess: { mean: 0, std: 1 },
  threatModels: [
    {
      name: 'linf',
      norm: 'linf',
      epsilon: 0.2,
      knowledge: 'white-box',
      goal: 'untargeted',
      suite: 'quick',
      attacks: ['pgd'],
      iterations: 4,
    },
  ],
  corruptions: false,
});
const both = {
  members: [
    { path: 'models/plain.onnx', preprocess: normal },
    { path: 'models/robust.onnx', preprocess: normal },
  ],
  combine: 'mean-probabilities',
  name: 'both',
};
const limit = 60_000;

let workspace: Workspace;
let report: Report;
let reportPath: string;
beforeAll(async () => {
  workspace = await digitsWorkspace(spec(both));
  const { reportPaths } = await evaluate({ specPath: workspace.specPath, threads: 1, batchSize: 16 });
  [reportPath] = reportPaths as [string];
  report = await readReport(reportPath);
}, limit);
afterAll(() => workspace.remove());

describe('a report on an ensemble', () => {
  it('is named by the ensemble, and names its members with their hashes', () => {
    expect(reportPath).toBe(join(workspace.root, '.robustness', 'both.robustness.json'));
    expect(report.model.path).toBe('both.ensemble');
    expect(report.model.ensemble?.members.map(({ path }) => path)).toEqual(['models/plain.onnx', 'models/robust.onnx']);
    const hashes = report.model.ensemble!.members.map(({ sha256 }) => sha256);
    expect(new Set([...hashes, report.model.sha256]).size).toBe(3);
  });

  it('has the predictions that the files give, combined by hand', async () => {
    const dataset = await openDataset(
      { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: count },
      workspace.root,
      {
        range: [0, 255],
        unit: 255,
      },
    );
    const rows: Float32Array[] = [];
    for (const member of ['plain', 'robust']) {
      const model = await openModel(join(workspace.root, `models/${member}.onnx`), {
        preprocess: { mean: [normal.mean], std: [normal.std], layout: 'nchw', channels: 'rgb' },
        exampleShape: dataset.shape,
        kind: dataset.kind,
        threads: 1,
        batchSize: 16,
      });
      for await (const { x } of dataset.batches(count)) rows.push(await model.original.predict(x));
      await model.release();
    }
    await dataset.close();
    const scores = combineScores(rows, 10, {
      combine: 'mean-probabilities',
      weights: [0.5, 0.5],
      scales: report.model.ensemble!.members.map(({ scale }) => scale),
    });
    expect(report.outcomes.prediction).toEqual([...argmax(scores, 10)]);
    rows.forEach((own, m) => {
      const right = [...argmax(own, 10)].filter((k, i) => k === report.outcomes.label[i]).length;
      expect(report.ensemble!.members[m]!.accuracy.value).toBeCloseTo(right / count, 12);
    });
  });

  it('holds the whole against its parts', () => {
    const [threat] = report.ensemble!.threatModels;
    expect(threat).toMatchObject({ threatModel: 'linf', n: count });
    expect(threat!.members.map(({ name }) => name)).toEqual(['plain.onnx', 'robust.onnx']);
    const [plain, robust] = threat!.members;
    // The plainly trained digit network has next to nothing left at 0.2, the other one most.
    expect(plain!.alone!.value).toBeLessThan(robust!.alone!.value);
    // What is right about all examples made on one at a time is right about each.
    expect(threat!.inParts!.value).toBeLessThanOrEqual(Math.min(plain!.transfer!.value, robust!.transfer!.value));
    expect(threat!.gain?.against).toBe('robust.onnx');
    expect(threat!.finding).toMatch(/^[A-Z].*\.$/);
    // The figure of the threat model is the worst of all that ran, these attacks included.
    expect(report.threatModels[0]!.robustAccuracy!.value).toBeLessThanOrEqual(
      Math.min(threat!.throughAll!.value, threat!.inParts!.value),
    );
    expect(report.threatModels[0]!.attacks.map(({ name }) => name)).toContain('apgd-ce-logits');
  });

  it('says all that in prose and in a table of figures', () => {
    const prose = renderMarkdown(report);
    for (const words of [
      'Members of the ensemble',
      'The ensemble against its members: linf',
      'by the mean of their probabilities',
    ])
      expect(prose).toContain(words);
    const csv = renderCsv(report);
    for (const metric of ['agreement', 'throughAll', 'inParts', 'gain', 'alone', 'transfer', 'disagreement'])
      expect(csv).toMatch(new RegExp(`,ensemble,.*,${metric},`));
  });

  it(
    'comes out the same of a run that was interrupted and resumed',
    async () => {
      const controller = new AbortController();
      let runId = '';
      const request = { specPath: workspace.specPath, threads: 1, batchSize: 16 };
      const out = join(workspace.root, 'again.robustness.json');
      const stopped = evaluate(
        { ...request, out },
        {
          onStarted: (run) => {
            runId = run.runId;
          },
          onProgress: ({ stage }) => {
            if (stage.startsWith('Members of the ensemble')) controller.abort();
          },
        },
        controller.signal,
      );
      await expect(stopped).rejects.toThrow();
      await evaluate({ ...request, out, resume: runId });
      expect(comparable(await readReport(out))).toEqual(comparable(report));
    },
    limit,
  );

  it(
    'is of one member by itself where that is asked for, with what its own input wants',
    async () => {
      const out = join(workspace.root, 'plain.robustness.json');
      const modelPath = join(workspace.root, 'models/plain.onnx');
      await evaluate({ specPath: workspace.specPath, modelPath, out, threads: 1, batchSize: 16 });
      const alone = await readReport(out);
      expect(alone.model.ensemble).toBeUndefined();
      expect(alone.model.sha256).toBe(report.model.ensemble!.members[0]!.sha256);
      expect(alone.clean!.accuracy.value).toBe(report.ensemble!.members[0]!.accuracy.value);
      expect(alone.inferred.join(' ')).toContain('by itself, not with the ensemble');
    },
    limit,
  );

  it(
    'is of files that are named with data, without a spec',
    async () => {
      const members = ['models/plain.onnx', 'models/robust.onnx'].map((path) =>
        relative('.', join(workspace.root, path)),
      );
      const { reportPaths } = await evaluate({
        ensemble: { members, combine: 'vote' },
        dataPath: relative('.', join(workspace.root, 'data/test.npz')),
        limit: count,
        preset: 'quick',
        norm: 'linf',
        epsilon: '0.2',
        goal: 'targeted',
        target: 'least-likely',
        threads: 1,
        batchSize: 16,
      });
      expect(reportPaths).toEqual([join(workspace.root, 'models/.robustness/plain+robust.robustness.json')]);
      const given = await readReport(reportPaths[0]!);
      expect(given.model.ensemble).toMatchObject({ combine: 'vote', surrogate: 'mean-probabilities' });
      expect(given.clean!.accuracy.value).toBeGreaterThan(0.5);
      // A targeted attacker is not held against the parts.
      expect(given.ensemble!.threatModels).toEqual([]);
    },
    limit,
  );

  it(
    'finds the pre-processing of each member that states none',
    async () => {
      const path = join(workspace.root, 'found.robustness.json');
      const { preprocess: _, ...rest } = spec({
        ...both,
        members: ['models/plain.onnx', both.members[1]],
        name: 'found',
      });
      await writeFile(
        path,
        JSON.stringify({
          ...rest,
          // Nothing but the clean accuracy matters here.
          threatModels: [{ ...rest.threatModels[0], knowledge: 'black-box-score', attacks: ['square'], queries: 2 }],
        }),
      );
      const { reportPaths } = await evaluate({ specPath: path, threads: 1, batchSize: 16 });
      const found = await readReport(reportPaths[0]!);
      expect(found.inferred.join('\n')).toMatch(/plain\.onnx: With “.*” the model is right about/);
      expect(found.inferred.join('\n')).not.toMatch(/robust\.onnx: With/);
    },
    limit,
  );
});

describe('claims on an ensemble', () => {
  const changes = async () => {
    const { changed, unknown } = await changesSince(
      reportPath,
      sourcesOf(report),
      new FileHashes(workspace.root),
      new SpecFiles(),
    );
    return [...changed.map(({ words }) => words), ...unknown];
  };

  it('go stale with a member, with the combination, the weights, and the list of members', async () => {
    expect(await changes()).toEqual([]);
    const written = await readFile(workspace.specPath, 'utf8');
    const now = async (ensemble: object) => {
      await writeFile(workspace.specPath, JSON.stringify({ ...JSON.parse(written), ensemble }));
      return changes();
    };
    expect(await now({ ...both, combine: 'vote' })).toEqual([
      expect.stringContaining('combine vote, not mean-probabilities'),
    ]);
    expect(await now({ ...both, weights: [2, 1] })).toEqual([
      expect.stringContaining('other weights of plain.onnx and robust.onnx'),
    ]);
    expect(await now({ ...both, members: [...both.members, 'c.onnx'] })).toEqual([
      expect.stringContaining('c.onnx as a member'),
    ]);
    expect(await now({ ...both, members: [...both.members].reverse() })).toEqual([]);
    await writeFile(workspace.specPath, written);

    await appendFile(join(workspace.root, 'models/robust.onnx'), 'x');
    expect(await changes()).toEqual(['the member models/robust.onnx changed']);
  });
});
