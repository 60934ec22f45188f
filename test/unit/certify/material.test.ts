import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run';
import { type Certificate, certifyProperty } from '../../../src/engine/certify/certify';
import { parseVnnlib, readVnnlib } from '../../../src/engine/certify/vnnlib';
import { createSession, floats } from '../../../src/engine/runtime';
import { materialAvailable, materialRoot } from '../material';

const cases = [
  ['acasxu/ACASXU_run2a_1_7_batch_2000', '2021/acasxu/prop_3', 'sat'],
  ['acasxu/ACASXU_run2a_2_2_batch_2000', '2021/acasxu/prop_2', 'sat'],
  ['acasxu/ACASXU_run2a_1_1_batch_2000', '2021/acasxu/prop_1', 'unsat'],
  ['vnn2023__cGAN_imgSz32_nCh_1', '2023/cgan/cGAN_imgSz32_nCh_1_prop_0_input_eps_0.010_output_eps_0.015', 'sat'],
  ['vnn2022__NN_rul_small_window_20', '2022/collins_rul_cnn/if_then_5levels_w20', 'sat'],
  ['vnn2021__ffnnSIGMOID__Point_6x200', '2021/eran/mnist/mnist_spec_idx_7259_eps_0.01200', 'sat'],
  ['vnn2021__cifar10_small', '2021/marabou-cifar10/', 'sat'],
  ['vnn2024__14_ieee_ml4acopf-linear-nonresidual', '2024/ml4acopf_2024/14_ieee_prop', 'sat'],
  ['vnn2021__mnist-net_256x2', '2022/mnist_fc/prop_1_0.03', 'sat'],
  ['vnn2021__mnist-net_256x2', '2022/mnist_fc/prop_0_0.03', 'unsat'],
  ['vnn2022__vdp', '2022/reach_prob_density/', 'sat'],
  ['vnn2022__vdp', '2022/reach_prob_density/', 'unsat'],
  ['vnn2022__dubinsrejoin', '2022/rl_benchmarks/dubinsrejoin_case_unsafe', 'sat'],
  ['vnn2022__lunarlander', '2022/rl_benchmarks/lunarlander_case_safe', 'unsat'],
  ['vnn2024__safenlp_medical', '2024/safenlp/medical/', 'sat'],
  ['vnn2024__safenlp_medical', '2024/safenlp/medical/', 'unsat'],
  ['vnn2021__Convnet_maxpool', '2021/verivital/', 'sat'],
  ['vnn2021__Convnet_avgpool', '2021/verivital/avgpool_specs/prop_0_0.02', 'unsat'],
] as const;

/** The first row of the table for a model whose property begins so and has this answer. */
function rowOf(model: string, property: string, truth: string) {
  const lines = readFileSync(join(materialRoot, 'ground_truth.csv'), 'utf8').trim().split('\n');
  const names = lines[0]!.split(',');
  const rows = lines.slice(1).map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
  const found = rows.find(
    (row) =>
      row.model === `models/${model}.onnx` &&
      row.vnnlib?.startsWith(`vnnlib/${property}`) &&
      row.consensus === truth &&
      (truth === 'unsat' || row.cex_check === 'strict' || row.evidence?.includes('unanimous') || row.n_agree !== '0'),
  );
  if (!found) throw new Error(`no row for ${model} ${property} ${truth}`);
  return { model: join(materialRoot, found.model!), property: join(materialRoot, found.vnnlib!) };
}

/** Held against the file itself, without any of our own code but the parser. */
async function check(model: string, propertyPath: string, { counterexample }: Certificate): Promise<void> {
  const { regions } = await readVnnlib(propertyPath);
  const { input, output, rounded } = counterexample!;
  const session = await createSession(model, { threads: 1 });
  try {
    const shape = shapes.find(([name]) => model.includes(name))![1];
    const [name] = session.inputs;
    const answer = await session.run({ [name!]: floats(Float32Array.from(input), shape) });
    const values = Object.values(answer)[0]!.data as Float32Array;
    expect([...values]).toEqual(output);
  } finally {
    await session.release();
  }
  const inside = regions.filter(({ low, high }) =>
    input.every((value, i) => (value >= low[i]! && value <= high[i]!) || rounded.includes(i)),
  );
  const holds = inside.some(({ conjunctions }) =>
    conjunctions.some((conjunction) =>
      conjunction.every(
        ({ outputs, outputWeights, constant }) =>
          outputs.reduce((sum, k, i) => sum + outputWeights[i]! * output[k]!, constant) >= 0,
      ),
    ),
  );
  expect(holds).toBe(true);
}

const shapes: readonly (readonly [string, readonly number[]])[] = [
  ['ACASXU', [1, 1, 1, 5]],
  ['cGAN', [1, 5]],
  ['rul', [1, 1, 20, 20]],
  ['SIGMOID', [1, 1, 28, 28]],
  ['cifar10', [1, 32, 32, 3]],
  ['ieee', [1, 22]],
  ['mnist-net', [1, 784, 1]],
  ['vdp', [1, 3]],
  ['dubins', [1, 8]],
  ['safenlp', [1, 30]],
  ['Convnet', [1, 1, 28, 28]],
];

describe.skipIf(!materialAvailable)('properties with a known answer', () => {
  it.each(cases.filter(([, , truth]) => truth === 'sat'))('%s %s is falsified', async (model, property) => {
    const row = rowOf(model, property, 'sat');
    const result = await certifyProperty(row.model, row.property, { timeout: 30, seed: 0, threads: 1 });
    expect(result.verdict).toBe('falsified');
    await check(row.model, row.property, result);
  });

  it.each(cases.filter(([, , truth]) => truth === 'unsat'))(
    '%s %s, proved by tools, is not',
    async (model, property) => {
      const row = rowOf(model, property, 'unsat');
      const result = await certifyProperty(row.model, row.property, { timeout: 0.5, seed: 0, threads: 1 });
      expect(result).toMatchObject({ verdict: 'unknown', counterexample: null });
      expect(result.forwards).toBeGreaterThan(100);
    },
  );
});

describe.skipIf(!materialAvailable)('robustness certify', () => {
  let out = '';
  let err = '';
  afterEach(() => {
    out = '';
    err = '';
  });
  const robustness = (...args: string[]) =>
    runCli(args, {
      out(text) {
        out += text;
      },
      err(text) {
        err += text;
      },
      interactive: false,
      columns: 80,
    });
  const files = () => rowOf('acasxu/ACASXU_run2a_1_7_batch_2000', '2021/acasxu/prop_3', 'sat');

  it('prints a counterexample, as sentences and as JSON', async () => {
    const { model, property } = files();
    expect(await robustness('certify', model, '--vnnlib', property, '--threads', '1')).toBe(0);
    expect(out).toMatch(/^falsified: .*confirmed on the original model file/);
    out = '';
    expect(await robustness('certify', model, '--vnnlib', property, '--threads', '1', '--json')).toBe(0);
    const result = JSON.parse(out) as Certificate;
    expect(result).toMatchObject({ verdict: 'falsified', method: 'search', bound: null });
    expect(result.counterexample?.input).toHaveLength(5);
    await check(model, property, result);
    expect(err).toBe('');
  });

  it('says that finding none proves nothing', async () => {
    const { model, property } = rowOf('acasxu/ACASXU_run2a_1_1_batch_2000', '2021/acasxu/prop_1', 'unsat');
    expect(await robustness('certify', model, '--vnnlib', property, '--threads', '1', '--timeout', '0.5')).toBe(0);
    expect(out).toMatch(/^unknown: .*proves nothing/);
  });

  it.each([
    [['--data', 'x.npz', '--norm', 'linf', '--epsilon', '0.1'], /not available/],
    [['--vnnlib', 'none.vnnlib'], /no readable file at none\.vnnlib/],
    [['--vnnlib', 'none.vnnlib', '--timeout', '-1'], /timeout/],
    [['--vnnlib', 'none.vnnlib', '--timeout', '1e9'], /timeout/],
    [['--vnnlib', 'none.vnnlib', '--method', 'crown'], /not available/],
  ])('refuses %j', async (options, message) => {
    expect(await robustness('certify', files().model, ...options)).toBe(2);
    expect(err).toMatch(message);
  });

  it('refuses a property of another model, as JSON', async () => {
    const { property } = rowOf('vnn2022__vdp', '2022/reach_prob_density/', 'sat');
    expect(await robustness('certify', files().model, '--vnnlib', property, '--json')).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'certify/mismatch' } });
  });
});

describe.skipIf(!materialAvailable)('published properties', () => {
  it('are read whole: as many inputs and outputs as their networks have', async () => {
    expect(existsSync(join(materialRoot, 'vnnlib'))).toBe(true);
    const signs = '2023/traffic_signs_recognition/model_48_idx_11985_eps_1.00000.vnnlib.gz';
    const read = await readVnnlib(join(materialRoot, 'vnnlib', signs));
    expect(read).toMatchObject({ inputs: 6912, outputs: 43 });
    expect(read.regions[0]!.conjunctions).toHaveLength(42);
    const two = await readVnnlib(join(materialRoot, 'vnnlib/2021/acasxu/prop_6.vnnlib.gz'));
    expect(two.regions).toHaveLength(2);
    expect(() => parseVnnlib('(declare-const X_0 Real)')).toThrow();
  });
});
