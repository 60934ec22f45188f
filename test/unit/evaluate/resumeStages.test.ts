import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeNpz } from '../../../src/engine/data/write';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { comparable } from '../../../src/engine/evaluate/run';
import { Random } from '../../../src/engine/random';
import type { Report } from '../../../src/engine/report/schema';
import { readAnyReport } from '../../../src/engine/report/store';
import { bytesOf, TestModel } from '../onnx/model';
import { irisWorkspace, type Workspace } from './workspace';

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

const quick = { goal: 'untargeted', knowledge: 'white-box', iterations: 2, queries: 6 } as const;

/**
 * Runs a spec once, then again from its journal as it stood at some moments, each of which a kill could have left.
 *
 * @param moments beginnings of units' keys: the run is resumed from just after the first unit of each, as if killed there.
 */
async function expectResumable(workspace: Workspace, moments: readonly string[]): Promise<void> {
  open.push(workspace);
  const { specPath, root } = workspace;
  const runs = join(root, '.robustness', 'runs');
  const { runId, reportPaths } = await evaluate({ specPath, threads: 1 });
  const reportOf = async () => comparable((await readAnyReport(reportPaths[0]!)) as Report);
  const expected = await reportOf();
  const lines = (await readFile(join(runs, runId, 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
  const keys = lines.map((line) => (JSON.parse(line) as { key?: string }).key?.replace(/^[^:]*:/, '') ?? '');

  for (const [k, moment] of moments.entries()) {
    const last = keys.findIndex((key) => key.startsWith(moment));
    expect(last, `${moment} among ${keys.join(' ')}`).toBeGreaterThan(0);
    const resume = `killed-${k}`;
    await cp(join(runs, runId), join(runs, resume), { recursive: true });
    const run = JSON.parse(await readFile(join(runs, runId, 'run.json'), 'utf8')) as object;
    await writeFile(join(runs, resume, 'run.json'), JSON.stringify({ ...run, id: resume, state: 'failed' }));
    await writeFile(join(runs, resume, 'journal.jsonl'), `${lines.slice(0, last + 1).join('\n')}\n`);
    await evaluate({ specPath, threads: 1, resume });
    expect(await reportOf(), moment).toEqual(expected);
  }
}

describe('a run that was killed in the midst of a stage resumes to the report of an undisturbed one:', {
  timeout: 120_000,
}, () => {
  it('smallest perturbations, transfer, one perturbation for all, single values, labels', async () => {
    const workspace = await irisWorkspace({
      data: { test: { path: 'iris.csv', labels: 'species', limit: 36 }, range: [0, 8] },
      threatModels: [
        {
          ...quick,
          name: 'ball',
          norm: 'l2',
          epsilon: 0.6,
          attacks: ['fgsm', 'fab'],
          minimalNorm: true,
          transferFrom: ['other.onnx'],
        },
        { ...quick, name: 'values', norm: 'l0', epsilon: 1, attacks: ['sigma-zero', 'sparse-rs'] },
        { ...quick, name: 'labels', norm: 'linf', epsilon: 0.5, knowledge: 'black-box-decision', attacks: ['rays'] },
      ],
      corruptions: false,
      universal: { threatModel: 'ball', epochs: 3 },
    });
    await cp(join(workspace.root, 'tiny.onnx'), join(workspace.root, 'other.onnx'));
    await expectResumable(workspace, [
      'attack/ball/1-',
      'attack/labels/0-rays',
      'minimal/ball/',
      'universal/ball/0',
      'universal/ball/measure',
    ]);
  });

  it('pairs of example and target', async () => {
    const { goal: _, ...targeted } = quick;
    const workspace = await irisWorkspace({
      data: { test: { path: 'iris.csv', labels: 'species', limit: 36 }, range: [0, 8] },
      threatModels: [
        { ...targeted, name: 'each', norm: 'linf', epsilon: 0.5, target: 'all', suite: 'quick', minimalNorm: true },
        { ...targeted, name: 'random', norm: 'l2', epsilon: 0.8, target: 'random', suite: 'quick' },
      ],
      corruptions: false,
    });
    await expectResumable(workspace, [
      'clean',
      'attack/each/1-',
      'attack/random/0-',
      'check/single-step/each',
      'probe/restarts/random',
      'minimal/each/',
      'curve/each/',
    ]);
  });

  it('worst cases of predicted numbers, with features that a table constrains', async () => {
    const workspace = await irisWorkspace({
      model: 'line.onnx',
      task: 'regression',
      data: {
        test: { path: 'line.npz' },
        features: [
          { name: 0, integer: true, scale: 2 },
          { name: 1, immutable: true },
        ],
      },
      threatModels: [{ ...quick, name: 'ball', norm: 'l2', epsilon: 1, suite: 'quick' }],
    });
    const model = new TestModel(['N', 3]);
    const hidden = model.op('MatMul', ['x', model.builder.floats([1, -2, 0.5, 1, -1, 2], [3, 2])]);
    const y = model.op('MatMul', [model.op('Tanh', [hidden]), model.builder.floats([1, -1], [2, 1])]);
    await writeFile(join(workspace.root, 'line.onnx'), bytesOf(model.finish(y, ['N', 1], 13)));
    const random = Random.of(3, 'line');
    const x = Float32Array.from({ length: 40 * 3 }, (_, i) =>
      i % 3 === 0 ? random.integer(9) : random.between(-1, 1),
    );
    const target = Float32Array.from({ length: 40 }, () => random.between(-1, 1));
    await writeNpz(join(workspace.root, 'line.npz'), {
      x: { values: x, shape: [40, 3] },
      y: { values: target, shape: [40] },
    });
    await expectResumable(workspace, ['attack/ball/0-', 'attack/ball/1-']);
  });
});
