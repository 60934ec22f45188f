import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { square } from '../../../src/engine/attack/square';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { inspectModel, openModel } from '../../../src/engine/model';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { type Bundles, bundles } from '../worker/bundle';
import { irisWorkspace, type Workspace } from './workspace';

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

type Threat = Readonly<Record<string, unknown>>;
const white = { name: 'white', norm: 'linf', epsilon: 0.5, suite: 'quick' };
const scores = { ...white, name: 'scores', knowledge: 'black-box-score' };
const labels = { ...white, name: 'labels', knowledge: 'black-box-decision' };

async function withModel(bytes: Uint8Array, threatModels: readonly Threat[]): Promise<Workspace> {
  const workspace = await irisWorkspace({ model: 'model.onnx', threatModels });
  open.push(workspace);
  await writeFile(join(workspace.root, 'model.onnx'), bytes);
  return workspace;
}

async function reportOf(bytes: Uint8Array, ...threats: readonly Threat[]): Promise<Report> {
  const { specPath } = await withModel(bytes, threats);
  const { reportPaths } = await evaluate({ specPath });
  return readReport(reportPaths[0] ?? '') as Promise<Report>;
}

function labelInfo(name: string, type: 'int64' | 'float', dims: readonly (number | string)[]): ValueInfoProto {
  const info = floatValueInfo(name, dims);
  if (type === 'int64' && info.type?.value.case === 'tensorType') {
    info.type.value.value.elemType = TensorProto_DataType.INT64;
  }
  return info;
}

/** The small iris network with something behind its scores. */
async function behindScores(
  add: (builder: GraphBuilder, scores: string) => string,
  type: 'int64' | 'float',
  dims: readonly (number | string)[] = ['N'],
): Promise<Uint8Array> {
  const proto = fromBinary(ModelProtoSchema, await readFile('test/fixtures/tiny/tiny.onnx')) as ModelProto & {
    graph: GraphProto;
  };
  const builder = new GraphBuilder(proto.graph);
  const label = add(builder, proto.graph.output[0]!.name);
  builder.named('Identity', [label], 'label');
  proto.graph.output = [labelInfo('label', type, dims)];
  return toBinary(ModelProtoSchema, proto);
}

const argMax = () => behindScores((at, z) => at.op('ArgMax', [z], { axis: -1, keepdims: 0 }), 'int64');

/** Petal length, then petal width: as good a rule as Fisher's data need, and no scores anywhere. */
function stump(): Uint8Array {
  const graph = create(GraphProtoSchema, { name: 'stump', input: [floatValueInfo('x', ['N', 4])] });
  const at = new GraphBuilder(graph);
  const over = (feature: number, threshold: number) => {
    const value = at.op('Gather', ['x', at.intScalar(feature)], { axis: 1 });
    return at.op('Cast', [at.op('Greater', [value, at.scalar(threshold)])], { to: 7 });
  };
  at.named('Add', [over(2, 2.45), over(3, 1.65)], 'label');
  graph.output = [labelInfo('label', 'int64', ['N'])];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
      graph,
    }),
  );
}

const attacksOf = (report: Report, name: string) =>
  report.threatModels
    .find((threat) => threat.name === name)!
    .attacks.filter(({ sample }) => sample !== true)
    .map((attack) => attack.name);
const robust = (report: Report, name: string) =>
  report.threatModels.find((threat) => threat.name === name)!.robustAccuracy!.value;

describe('a model that ends in ArgMax', () => {
  it('is attacked by the scores before it in white-box and score knowledge, and as strongly as without ArgMax', async () => {
    const report = await reportOf(await argMax(), white, scores, labels);
    const plain = await reportOf(await readFile('test/fixtures/tiny/tiny.onnx'), white, scores, labels);
    expect(report.model).toMatchObject({ labelsOnly: true, scoresBefore: 'ArgMax', gradient: { available: true } });
    expect(plain.model.labelsOnly).toBeUndefined();
    expect(report.clean!.accuracy).toEqual(plain.clean!.accuracy);
    expect(report.clean!.ece).not.toBeNull();
    for (const { name } of [white, scores, labels]) {
      expect(attacksOf(report, name)).toEqual(attacksOf(plain, name));
      expect(robust(report, name)).toBe(robust(plain, name));
    }
    expect(attacksOf(report, 'labels')).toEqual(['rays', 'hopskipjump']);
    expect(robust(report, 'white')).toBeLessThan(0.8);
    expect(robust(report, 'labels')).toBeLessThan(0.9);
    for (const rendered of [renderMarkdown(report), renderHtml(report)]) {
      expect(rendered).toContain('take what goes into its ArgMax, the verifier the labels');
    }
  });

  it.each([
    ['kept dimension', 'int64', ['N', 1], (at: GraphBuilder, z: string) => at.op('ArgMax', [z], { axis: 1 })],
    [
      'labels as floats behind a softmax',
      'float',
      ['N'],
      (at: GraphBuilder, z: string) => {
        const best = at.op('ArgMax', [at.op('Softmax', [z], { axis: -1 })], { axis: -1, keepdims: 0 });
        return at.op('Cast', [best], { to: 1 });
      },
    ],
  ] as const)('%s', async (_, type, dims, add) => {
    const report = await reportOf(await behindScores(add, type, dims), { ...white, attacks: ['apgd-ce'] });
    expect(report.model).toMatchObject({ labelsOnly: true, scoresBefore: 'ArgMax' });
    expect(report.model.bypassed).toBe(type === 'float' ? 'Softmax' : null);
    expect(report.clean!.accuracy.value).toBeGreaterThan(0.9);
    const [attack] = report.threatModels[0]!.attacks;
    expect(attack!.broken).toBeGreaterThan(5);
    expect(attack!.refused).toBe(0);
  });
});

describe('a model without any scores', () => {
  it('is attacked by labels, the gradient is missing by name, and no figure is made of one-hot rows', async () => {
    const report = await reportOf(stump(), white, labels);
    expect(report.model).toMatchObject({ labelsOnly: true, gradient: { available: false } });
    expect(report.model.scoresBefore).toBeUndefined();
    expect(report.model.gradient.unavailable).toContain('Add');
    expect(report.model.gradient.reasons!.Add).toBe('the model returns labels alone, which have no gradient');
    expect(report.clean!.accuracy.value).toBeGreaterThan(0.9);
    expect([report.clean!.rocAuc, report.clean!.ece]).toEqual([null, null]);
    expect(attacksOf(report, 'white')).toEqual(['rays', 'hopskipjump']);
    expect(attacksOf(report, 'labels')).toEqual(['rays', 'hopskipjump']);
    expect(report.threatModels.every(({ attacks }) => attacks.every(({ refused }) => refused === 0))).toBe(true);
    expect(report.pitfalls.map(({ rule }) => rule)).toContain('pitfalls/no-gradient');
    for (const rendered of [renderMarkdown(report), renderHtml(report)]) {
      expect(rendered).toContain('holds no scores: only attacks by labels ran');
    }

    // A rule of two thresholds: an example falls exactly if one of them, or both, come within ε.
    const { label, prediction, brokenBy } = report.outcomes;
    const { rows } = await irisRows();
    rows.forEach(([, , petalLength, petalWidth], i) => {
      if (label[i] !== prediction[i]) return;
      const near = Math.min(Math.abs(petalLength! - 2.45), Math.abs(petalWidth! - 1.65));
      if (near > 0.5) expect(brokenBy.labels![i]).toBeNull();
      if (near < 0.49) expect(brokenBy.labels![i]).not.toBeNull();
    });
  });

  it('names what attack it cannot run', async () => {
    const workspace = await withModel(stump(), [white]);
    const model = join(workspace.root, 'model.onnx');
    const opened = await openModel(model, {
      preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'rgb' },
      exampleShape: [4],
      kind: 'vector',
      countClasses: async () => 3,
    });
    try {
      expect(opened.oracle.labelsOnly).toBe(true);
      // One class more than the data have: for labels that nobody knew of.
      expect(opened.oracle.classes).toBe(4);
      const x = Float32Array.of(5, 3, 1, 0.2);
      expect([...(await opened.oracle.logits(x))]).toEqual([1, 0, 0, 0]);
      expect([...(await opened.original.predict(x))]).toEqual([1, 0, 0, 0]);
      const threat = { norm: 'linf', epsilon: 1, bounds: [0, 8] } as const;
      const examples = { x, y: Int32Array.of(0), indices: Int32Array.of(0) };
      const request = { oracle: opened.oracle, ...examples, threat, budget: square.defaults, seed: 0 };
      await expect(square.run(request)).rejects.toMatchObject({ code: 'attack/unsuitable' });
    } finally {
      await opened.release();
    }
    const { facts } = await inspectModel(model);
    expect(facts).toMatchObject({ labelsOnly: true, gradient: { available: false } });
    const options = { preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } } as const;
    await expect(openModel(model, { ...options, exampleShape: [4], kind: 'vector' })).rejects.toMatchObject({
      code: 'model/no-scores',
    });
  });

  it('refuses an l0 threat, which no attack by labels knows, before anything runs', async () => {
    const { specPath } = await withModel(stump(), [{ name: 'l0', norm: 'l0', epsilon: 1 }]);
    await expect(evaluate({ specPath })).rejects.toMatchObject({ code: 'spec/no-attack' });
  });
});

async function irisRows(): Promise<{ rows: number[][] }> {
  const text = await readFile('test/fixtures/tiny/iris.csv', 'utf8');
  return {
    rows: text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 4).map(Number)),
  };
}

describe('the command line', () => {
  let built: Bundles;
  beforeAll(async () => {
    built = await bundles();
  });
  afterAll(() => built.remove());

  it('evaluates and inspects a labels-only model end to end', async () => {
    const { root, specPath } = await withModel(stump(), [labels]);
    const run = (...args: string[]) =>
      new Promise<{ code: number; out: string }>((done) => {
        execFile(process.execPath, [built.cli, ...args], { cwd: root, maxBuffer: 2 ** 26 }, (error, out) =>
          done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out }),
        );
      });
    const { code, out } = await run('evaluate', specPath, '--json');
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(out)) as Report;
    expect(report.model.labelsOnly).toBe(true);
    expect(report.threatModels[0]!.knowledge).toBe('black-box-decision');
    expect(report.threatModels[0]!.attacks.some(({ broken }) => broken > 0)).toBe(true);
    const inspected = await run('inspect', join(root, 'model.onnx'));
    expect(inspected.out).toContain('the file returns labels alone');
  });
});
