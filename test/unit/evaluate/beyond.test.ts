import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { comparable } from '../../../src/engine/evaluate/run';
import { float } from '../../../src/engine/onnx/attribute';
import { GraphBuilder } from '../../../src/engine/onnx/builder';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import { readModel } from '../../../src/engine/onnx/read';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';

const digits = path.resolve(import.meta.dirname, '../../../samples/digits');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'beyond-'));
  await copyFile(path.join(digits, 'data/test.npz'), path.join(folder, 'test.npz'));
  for (const name of ['plain', 'robust']) {
    await copyFile(path.join(digits, `models/${name}.onnx`), path.join(folder, `${name}.onnx`));
  }
  await writeFile(path.join(folder, 'noisy.onnx'), await noisy());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The plain model behind normal noise, another draw in each pass. */
async function noisy(): Promise<Uint8Array> {
  const { proto } = await readModel(path.join(folder, 'plain.onnx'));
  const graph = create(GraphProtoSchema, { ...proto.graph, node: [], initializer: [...proto.graph.initializer] });
  const builder = new GraphBuilder(graph);
  builder.reserve(proto.graph);
  const input = proto.graph.input[0]!.name;
  const shaken = builder.op('Add', [input, builder.op('RandomNormalLike', [input], { scale: float(0.5) })]);
  for (const node of proto.graph.node) {
    const reads = node.input.map((name) => (name === input ? shaken : name));
    graph.node.push(create(NodeProtoSchema, { ...node, input: reads }));
  }
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...proto, graph }));
}

async function reportOf(model: string, lines: readonly string[], limit: number): Promise<Report> {
  const specPath = path.join(folder, 'robustness.yaml');
  const spec = [
    'models: [plain.onnx, robust.onnx]',
    `data: {test: {path: test.npz, inputs: x, labels: y, limit: ${limit}}, range: [0, 255], unit: 255}`,
    'preprocess: {mean: 0.1307, std: 0.3081}',
    'corruptions: false',
    ...lines,
  ];
  await writeFile(specPath, `${spec.join('\n')}\n`);
  const out = path.join(folder, `${model}.json`);
  await evaluate({ specPath, modelPath: path.join(folder, `${model}.onnx`), out, threads: 1 });
  return (await readReport(out)) as Report;
}

const threat = (more: string) => `threatModels: [{name: linf, norm: linf, epsilon: 0.2, goal: untargeted, ${more}}]`;

describe('an evaluation beyond one attack on one example', () => {
  const lines = [
    threat('knowledge: black-box-score, attacks: [square], queries: 10, transferFrom: models'),
    'spatial: {grid: [3, 3, 3]}',
    'universal: {threatModel: linf, epochs: 5}',
  ];

  it('reports transfer, rotations and shifts, and one perturbation for all, in figures and in words', async () => {
    const report = await reportOf('plain', lines, 16);
    const [transfer, square] = report.threatModels[0]!.attacks;
    expect(transfer).toMatchObject({ name: 'transfer', title: 'Transfer from robust.onnx', refused: 0, backwards: 0 });
    expect(transfer!.broken).toBeGreaterThan(0);
    expect(square!.attempted).toBe(transfer!.attempted - transfer!.broken);

    const { spatial, universal } = report;
    expect(spatial).toMatchObject({ rotation: 30, translation: 0.1, padding: 'zeros', points: 27 });
    expect(spatial!.byRotation.map((row) => row.rotation)).toEqual([-30, 0, 30]);
    expect(spatial!.byTranslation).toHaveLength(9);
    // The untouched image is a point of the grid, and its accuracy the clean one.
    expect(spatial!.byRotation[1]!.accuracy.value).toBe(report.clean!.accuracy.value);
    const least = Math.min(...[...spatial!.byRotation, ...spatial!.byTranslation].map((row) => row.accuracy.value));
    expect(spatial!.worstCase.value).toBeLessThanOrEqual(least);
    expect(spatial!.meanAccuracy).toBeGreaterThanOrEqual(spatial!.worstCase.value);

    expect(universal).toMatchObject({ threatModel: 'linf', epochs: 5, madeOn: 8 });
    expect(universal!.foolingRate.n).toBe(8);
    expect(universal!.foolingRate.value).toBeGreaterThan(0.1);
    expect(universal!.accuracy.value).toBeLessThan(universal!.cleanAccuracy.value);

    const text = renderMarkdown(report);
    for (const words of [
      'Transfer from robust.onnx',
      'Rotations and shifts',
      'Universal perturbation',
      'Fooling rate',
    ]) {
      expect(text).toContain(words);
    }
    expect(comparable(await reportOf('plain', lines, 16))).toEqual(comparable(report));
  });

  it('refuses transfer from nothing, and a universal perturbation within an unknown threat model', async () => {
    await expect(reportOf('plain', [threat('attacks: [fgsm], transferFrom: [plain.onnx]')], 10)).rejects.toMatchObject({
      code: 'spec/transfer',
    });
    await expect(
      reportOf('plain', [threat('attacks: [fgsm]'), 'universal: {threatModel: l2}'], 10),
    ).rejects.toMatchObject({ code: 'spec/universal' });
  });
});

describe('a model that draws random numbers', () => {
  it('is attacked in the mean, verified by majority, and its report says so', async () => {
    const lines = [threat('knowledge: black-box-score, attacks: [square], queries: 12'), 'eot: 5'];
    const report = await reportOf('noisy', lines, 4);
    expect(report.model.random).toEqual(['RandomNormalLike']);
    expect(report.inferred.join('; ')).toMatch(/means over 5 passes/);
    expect(report.inferred.join('; ')).toMatch(/most of 21 runs/);
    const [square] = report.threatModels[0]!.attacks;
    // Five passes for each query, one query at least for each example.
    expect(square!.forwards % 5).toBe(0);
    expect(square!.forwards).toBeGreaterThanOrEqual(5 * square!.attempted);
    expect(square!.broken).toBeGreaterThan(0);
    expect(report.clean!.accuracy.value).toBeGreaterThan(0.8);
    // Generators have seeds: the same spec draws the same.
    expect(comparable(await reportOf('noisy', lines, 4))).toEqual(comparable(report));
  });
});
