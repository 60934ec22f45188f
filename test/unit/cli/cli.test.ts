import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run';
import { openDataset } from '../../../src/engine/data/open';
import { writeNpz } from '../../../src/engine/data/write';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import { digitsWorkspace, irisWorkspace, type Workspace } from '../evaluate/workspace';
import { type Bundles, bundles } from '../worker/bundle';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let built: Bundles;
let iris: Workspace;
let data: string;
beforeAll(async () => {
  built = await bundles();
  iris = await irisWorkspace({ gates: ['clean.accuracy >= 0.9'] });
  const dataset = await openDataset({ path: join(iris.root, 'iris.csv'), labels: 'species' }, iris.root);
  for await (const { x, y, count } of dataset.batches(1000)) {
    data = join(iris.root, 'data.npz');
    await writeNpz(data, { x: { values: x, shape: [count, 4] }, y: { values: y, shape: [count] } });
  }
});
afterAll(async () => {
  await iris.remove();
  await built.remove();
});

function robustness(...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const options = { cwd: iris.root, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
    execFile(process.execPath, [built.cli, ...args], options, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

/** The same without a process of its own, for what needs no worker. */
async function inProcess(...args: string[]): Promise<Outcome> {
  const home = process.cwd();
  let out = '';
  let err = '';
  const terminal = {
    out(text: string) {
      out += text;
    },
    err(text: string) {
      err += text;
    },
    interactive: false,
    columns: 80,
  };
  process.chdir(iris.root);
  try {
    const code = await runCli(args, terminal);
    return { code, out, err };
  } finally {
    process.chdir(home);
  }
}

/** Arrays of an .npz file, by the data room's reader. */
async function arrayOf(path: string, name: string): Promise<{ values: number[]; shape: readonly number[] }> {
  const { zipMembers } = await import('../../../src/engine/data/zip');
  const { openNpy } = await import('../../../src/engine/data/npy');
  const { readExactly } = await import('../../../src/engine/data/bytes');
  const { bytesOf, elementReader } = await import('../../../src/engine/data/elements');
  const member = (await zipMembers(path)).find((each) => each.name === `${name}.npy`);
  if (!member) throw new Error(`no array ${name}`);
  const array = await openNpy(await member.open());
  const length = array.shape.reduce((product, n) => product * n, 1);
  const bytes = await readExactly(array.bytes, array.offset, length * bytesOf(array.type));
  const read = elementReader(array);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { values: Array.from({ length }, (_, i) => read(view, i)), shape: array.shape };
}

describe('robustness', () => {
  it('explains itself', async () => {
    const help = await robustness('--help');
    expect(help.code).toBe(0);
    for (const name of [
      'inspect',
      'evaluate',
      'gradient',
      'attack',
      'certify',
      'compare',
      'check',
      'block',
      'report',
    ]) {
      expect(help.out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      const each = await inProcess(name, '--help');
      expect(each).toMatchObject({ code: 0, err: '' });
      expect(each.out).toContain(`robustness ${name} `);
    }
  });

  it.each([
    [[], /COMMAND/, ''],
    [['evalute'], /Did you mean evaluate/, ''],
    [['evaluate', 'x.yaml', '--pre', 'quick'], /--preset/, ''],
    [['inspect'], /robustness inspect MODEL/, ''],
    [['inspect', 'none.onnx'], /none\.onnx/, ''],
    [['certify', 'tiny.onnx'], /not available/, ''],
    [['evaluate', 'robustness.json', '--data', 'iris.csv'], /A spec names its own data/, ''],
    [['gradient', 'tiny.onnx', '--data', 'iris.csv', '--out', 'g.npz'], /zip/, ''],
    [['gradient', 'tiny.onnx', '--data', 'data.npz', '--out', 'g.npz', '--loss', 'mse'], /regression/, ''],
    [
      [
        'attack',
        'tiny.onnx',
        '--data',
        'data.npz',
        '--attack',
        'pgd',
        '--norm',
        'linf',
        '--epsilon',
        'big',
        '--out',
        'a',
      ],
      /8\/255/,
      '',
    ],
    [['attack', 'tiny.onnx', '--attack', 'pgd', '--norm', 'linf'], /--epsilon is missing/, ''],
    [
      '--attack sigma-zero --norm l0 --epsilon 1.5 --data data.npz --out a'
        .split(' ')
        .toSpliced(0, 0, 'attack', 'tiny.onnx'),
      /not a number of changes/,
      '',
    ],
    [
      '--attack ddn --norm linf --epsilon 1 --data data.npz --out a'.split(' ').toSpliced(0, 0, 'attack', 'tiny.onnx'),
      /does not know the norm linf/,
      '',
    ],
    [['compare', 'robustness.json'], /not a robustness report/, ''],
    [['check', 'none.md'], /nothing at none\.md/, ''],
  ])('%j is a usage error', async (args, message) => {
    const { code, out, err } = await inProcess(...args);
    expect(code).toBe(2);
    expect(out + err).toMatch(message);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('gives errors as JSON where JSON was asked for', async () => {
    const { code, out, err } = await inProcess('inspect', 'none.onnx', '--json');
    expect(code).toBe(2);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      error: { code: 'model/unreadable', message: expect.any(String), hint: expect.any(String) },
    });
  });

  it('inspects a model', async () => {
    const json = JSON.parse((await inProcess('inspect', 'tiny.onnx', '--json')).out);
    expect(json.facts.inputs).toHaveLength(1);
    expect(json.operators.every((each: { gradient: string }) => each.gradient !== 'unavailable')).toBe(true);
    const { out } = await inProcess('inspect', 'tiny.onnx');
    expect(out).toMatch(/gradient +available/);
    expect(out).toContain(json.facts.sha256);
  });

  it('says of a model that it takes time series, and of no other', async () => {
    const motors = resolve('samples/motors/models/fault.onnx');
    expect((await inProcess('inspect', motors)).out).toContain('(Conv) go along time: channels by frames (nct)');
    expect((await inProcess('inspect', 'tiny.onnx')).out).not.toContain('along time');
  });
});

describe('robustness evaluate', () => {
  it('writes and prints a report; results on standard output, progress on standard error', async () => {
    const { code, out, err } = await robustness('evaluate', 'robustness.json');
    expect(code).toBe(0);
    expect(out).toMatch(/^Model +Threat model +Clean accuracy +Robust accuracy/);
    expect(out).toMatch(/tiny\.onnx +linf .* % \(.*\) +≤ .* % \(.*\)/);
    expect(out).toMatch(/gate passed: clean\.accuracy >= 0\.9/);
    expect(err).toMatch(/%/);
    const report = JSON.parse(await readFile(join(iris.root, '.robustness/tiny.robustness.json'), 'utf8')) as Report;
    expect(reportSchema.safeParse(report).success).toBe(true);
  });

  it('prints the report itself with --json, takes options over the spec, and fails by gate with 1', async () => {
    const spec = join(iris.root, 'strict.json');
    const text = await readFile(iris.specPath, 'utf8');
    await writeFile(spec, JSON.stringify({ ...JSON.parse(text), gates: ['robustAccuracy(l2-1) >= 0.99'] }));
    const { code, out } = await robustness(
      ...[
        'evaluate',
        spec,
        '--json',
        '--norm',
        'l2',
        '--epsilon',
        '1',
        '--seed',
        '5',
        '--limit',
        '20',
        '--out',
        'o/r.json',
      ],
    );
    expect(code).toBe(1);
    const report = JSON.parse(out) as Report;
    expect(report).toMatchObject({ seed: 5, data: { count: 20 }, threatModels: [{ norm: 'l2', epsilon: 1 }] });
    expect(report.gates).toMatchObject([{ pass: false }]);
    expect(report).toEqual(JSON.parse(await readFile(join(iris.root, 'o/r.json'), 'utf8')));
    const shown = await robustness('report', join(iris.root, 'o/r.json'), '--json');
    expect(JSON.parse(shown.out)).toEqual(report);
  });

  it('evaluates a model with data and no spec, and says what was inferred', async () => {
    const bare = await irisWorkspace();
    await rm(bare.specPath);
    const model = join(bare.root, 'tiny.onnx');
    const { code, out } = await robustness(
      'evaluate',
      model,
      '--data',
      join(bare.root, 'iris.csv'),
      '--preset',
      'quick',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/Not stated, so inferred: .*the seed is 0/);
    await bare.remove();
  });
});

describe('robustness evaluate, interrupted', () => {
  let digits: Workspace;
  beforeAll(async () => {
    digits = await digitsWorkspace();
  });
  afterAll(() => digits.remove());

  /** The command, once its worker has finished something. */
  async function started(): Promise<{ child: ChildProcess; ended: Promise<{ code: number | null; err: string }> }> {
    const child = spawn(process.execPath, [built.cli, 'evaluate', digits.specPath], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as a terminal gives it: Ctrl-C there reaches the command and its worker alike.
      detached: true,
    });
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const ended = new Promise<{ code: number | null; err: string }>((done) =>
      child.on('close', (code) => done({ code, err })),
    );
    const report = join(digits.root, '.robustness/plain.robustness.json');
    await expect.poll(() => readFile(report, 'utf8').catch(() => ''), { timeout: 30_000 }).toMatch(/"clean": \{/);
    return { child, ended };
  }

  function resumeOf(err: string): string {
    return /--resume (\S+)/.exec(err)?.[1] ?? '';
  }

  it('ends with 130 on Ctrl-C, keeps the journal, and says how to resume', async () => {
    const { child, ended } = await started();
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const { code, err } = await ended;
    expect(code).toBe(130);
    const report = JSON.parse(await readFile(join(digits.root, '.robustness/plain.robustness.json'), 'utf8')) as Report;
    expect(report.status).toMatchObject({ state: 'interrupted', error: { code: 'worker/cancelled' } });
    const resumed = await robustness('evaluate', digits.specPath, '--resume', resumeOf(err), '--json');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out)).toMatchObject({ status: { state: 'complete' } });
  });

  it('ends with 3 when its worker dies', async () => {
    await rm(join(digits.root, '.robustness'), { recursive: true });
    const { child, ended } = await started();
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    process.kill(Number(children.trim().split(' ')[0]), 'SIGKILL');
    const { code, err } = await ended;
    expect(code).toBe(3);
    expect(err).toMatch(/worker process ended before its job was done/);
    expect(resumeOf(err)).not.toBe('');
  });
});

describe('robustness gradient and attack', () => {
  it('computes on the processor where the provider that was asked for does not work, and says so', async () => {
    const asked = ['--provider', 'coreml', '--threads', '1'];
    const { code, out, err } = await inProcess(
      'gradient',
      'tiny.onnx',
      '--data',
      'data.npz',
      '--out',
      'p.npz',
      ...asked,
    );
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('p.npz') });
    if (process.platform !== 'darwin')
      expect(err).toMatch(/^coreml was asked for and cpu is used: .*comes without it\.\n$/);
    expect(
      await inProcess('gradient', 'tiny.onnx', '--data', 'data.npz', '--out', 'p.npz', '--provider', 'gpu'),
    ).toMatchObject({
      code: 2,
      err: expect.stringMatching(/cpu, cuda, dml, coreml, webgpu/),
    });
  });

  it('gives the gradient that central differences give', async () => {
    const { code } = await robustness('gradient', 'tiny.onnx', '--data', 'data.npz', '--out', 'g.npz');
    expect(code).toBe(0);
    const grad = await arrayOf(join(iris.root, 'g.npz'), 'grad');
    const loss = await arrayOf(join(iris.root, 'g.npz'), 'loss');
    const x = await arrayOf(data, 'x');
    const y = await arrayOf(data, 'y');
    expect(grad.shape).toEqual(x.shape);
    const step = 1e-2;
    const lossAt = async (sign: number, feature: number) => {
      const moved = Float32Array.from(x.values, (value, i) => (i % 4 === feature ? value + sign * step : value));
      const path = join(iris.root, 'moved.npz');
      await writeNpz(path, {
        x: { values: moved, shape: x.shape },
        y: { values: Int32Array.from(y.values), shape: y.shape },
      });
      await inProcess('gradient', 'tiny.onnx', '--data', path, '--out', 'm.npz');
      return (await arrayOf(join(iris.root, 'm.npz'), 'loss')).values;
    };
    for (const feature of [0, 2]) {
      const [up, down] = [await lossAt(1, feature), await lossAt(-1, feature)];
      const numeric = loss.values.map((_, i) => ((up[i] ?? 0) - (down[i] ?? 0)) / (2 * step));
      const analytic = loss.values.map((_, i) => grad.values[4 * i + feature] ?? 0);
      const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
      const cosine = dot(numeric, analytic) / Math.sqrt(dot(numeric, numeric) * dot(analytic, analytic));
      expect(cosine).toBeGreaterThan(0.99);
    }
  });

  it('gives adversarial examples that lie in the ball and fool the model', async () => {
    const args = [
      '--attack',
      'pgd',
      '--norm',
      'linf',
      '--epsilon',
      '1/2',
      '--option',
      'iterations=30',
      '--option',
      'seed=1',
    ];
    const { code, out } = await inProcess(
      'attack',
      'tiny.onnx',
      '--data',
      'data.npz',
      ...args,
      '--out',
      'adv.npz',
      '--json',
    );
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ attack: 'pgd', norm: 'linf', epsilon: 0.5, iterations: 30, seed: 1 });
    const [adversarial, clean, y, success, prediction, distance] = await Promise.all(
      ['x', 'clean', 'y', 'success', 'prediction', 'distance'].map((name) => arrayOf(join(iris.root, 'adv.npz'), name)),
    );
    const broken = success?.values.filter((each) => each === 1).length;
    expect(broken).toBe(result.broken);
    expect(broken).toBeGreaterThan(0);
    expect(result.robustAccuracy.value).toBeCloseTo((result.correct - result.broken) / result.n);
    success?.values.forEach((flag, i) => {
      const change = [0, 1, 2, 3].map((k) =>
        Math.abs((adversarial?.values[4 * i + k] ?? 0) - (clean?.values[4 * i + k] ?? 0)),
      );
      expect(Math.max(...change)).toBeLessThanOrEqual(0.5 + 1e-6);
      if (flag === 1) {
        expect(prediction?.values[i]).not.toBe(y?.values[i]);
        expect(distance?.values[i]).toBeCloseTo(Math.max(...change), 6);
      } else expect(Math.max(...change)).toBe(0);
    });
  });

  it('reaches the class that it is told to, or leaves the example as it is', async () => {
    const args = '--data data.npz --attack apgd-ce --norm linf --epsilon 0.6 --out adv.npz --json'.split(' ');
    const { code, out } = await inProcess('attack', 'tiny.onnx', ...args, '--target', '1');
    expect(code).toBe(0);
    const result = JSON.parse(out);
    const [y, success, prediction, target] = await Promise.all(
      ['y', 'success', 'prediction', 'target'].map((name) => arrayOf(join(iris.root, 'adv.npz'), name)),
    );
    const own = y!.values.filter((label) => label === 1).length;
    expect(own).toBeGreaterThan(0);
    expect(result).toMatchObject({ goal: 'targeted', target: '1' });
    expect(result.attacked).toBeLessThan(result.correct);
    expect(result.broken).toBeGreaterThan(5);
    expect(result.broken).toBeLessThan(result.attacked);
    expect(result.attackSuccessRate.value).toBeCloseTo(result.broken / result.attacked);
    success!.values.forEach((flag, i) => {
      expect(target!.values[i]).toBe(y!.values[i] === 1 ? -1 : 1);
      if (flag === 1) expect(prediction!.values[i]).toBe(1);
    });
    const said = await inProcess('attack', 'tiny.onnx', ...args.slice(0, -1), '--target', 'least-likely');
    expect(said.out).toMatch(/apgd-ce reached the target \(least-likely\) for \d+ of \d+ examples/);
  });

  it.each([
    [['--attack', 'pgd', '--target', 'all'], /one adversarial example of each/],
    [['--attack', 'pgd', '--target', '3'], /none of the model's 3/],
    [['--attack', 'rays', '--target', '1'], /cannot be told which class to reach/],
  ])('refuses the target of %j', async (args, message) => {
    const { code, err } = await inProcess(
      ...'attack tiny.onnx --data data.npz --norm linf --epsilon 1 --out a.npz'.split(' '),
      ...args,
    );
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('says that a model and its data do not fit', async () => {
    const path = join(iris.root, 'wide.npz');
    await writeNpz(path, {
      x: { values: new Float32Array(6), shape: [2, 3] },
      y: { values: Int32Array.of(0, 1), shape: [2] },
    });
    expect(await inProcess('gradient', 'tiny.onnx', '--data', path, '--out', 'g.npz')).toMatchObject({ code: 2 });
    await writeNpz(path, {
      x: { values: new Float32Array(8), shape: [2, 4] },
      y: { values: Int32Array.of(0, 9), shape: [2] },
    });
    const { code, err } = await inProcess('gradient', 'tiny.onnx', '--data', path, '--out', 'g.npz');
    expect(code).toBe(2);
    expect(err).toMatch(/label 9.*3 classes/);
  });
});

describe('robustness compare, report and check', () => {
  beforeAll(async () => {
    await robustness('evaluate', 'robustness.json');
    await cp(join(iris.root, '.robustness/tiny.robustness.json'), join(iris.root, 'copy.robustness.json'));
  });

  it.each([
    ['table', /^Model/],
    ['json', /^\{\n {2}"rows": \[/],
    ['html', /^<!DOCTYPE html>/],
  ])('compares as %s', async (format, start) => {
    const { code, out } = await inProcess(
      'compare',
      '.robustness/tiny.robustness.json',
      'copy.robustness.json',
      '--format',
      format,
    );
    expect(code).toBe(0);
    expect(out).toMatch(start);
    expect(out.match(/tiny\.onnx/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('chooses in the context that it is given, and knows no other', async () => {
    const reports = ['.robustness/tiny.robustness.json', 'copy.robustness.json'];
    const { code, out } = await inProcess('compare', ...reports, '--context', 'safety-critical');
    expect(code).toBe(0);
    expect(out).toContain('Which model for which use: safety-critical');
    const { code: refused, err } = await inProcess('compare', ...reports, '--context', 'safety');
    expect(refused).toBe(2);
    expect(err).toMatch(/--context cannot be "safety"/);
  });

  it.each([
    ['md', /^# Robustness of tiny\.onnx/],
    ['html', /^<!DOCTYPE html>/],
    ['csv', /^model,section,/],
    ['sarif', /"version": "2\.1\.0"/],
  ])('renders %s, to standard output or a file', async (format, start) => {
    const { code, out } = await inProcess('report', 'copy.robustness.json', '--format', format);
    expect(code).toBe(0);
    expect(out).toMatch(start);
    await inProcess('report', 'copy.robustness.json', '--format', format, '--out', 'made/it');
    expect(await readFile(join(iris.root, 'made/it'), 'utf8')).toBe(out);
  });

  it('holds claims against the reports, and exits with 1 when one is not supported', async () => {
    const report = JSON.parse(await readFile(join(iris.root, 'copy.robustness.json'), 'utf8')) as Report;
    const share = ((report.threatModels[0]?.robustAccuracy?.value ?? 0) * 100).toFixed(1);
    const clean = ((report.clean?.accuracy.value ?? 0) * 100).toFixed(1);
    const honest = `# Model\n\nThe tiny model has a clean accuracy of ${clean} % and a robust accuracy of ${share} % against white-box PGD in the linf norm at ε = 0.5 on ${report.data.count} test examples.\n`;
    await writeFile(join(iris.root, 'honest.md'), honest);
    await writeFile(join(iris.root, 'boast.md'), '# Model\n\nOur model is immune to adversarial attacks.\n');
    await writeFile(join(iris.root, 'plain.md'), '# Model\n\nA small network for flowers.\n');
    expect((await inProcess('check', 'plain.md')).code).toBe(0);
    const boast = await robustness('check', 'boast.md');
    expect(boast.code).toBe(1);
    expect(boast.out).toMatch(/^boast\.md:3:\d+: (error|warning) claims\//);
    const json = await inProcess('check', 'boast.md', 'honest.md', '--format', 'json');
    const claims = JSON.parse(json.out) as { path: string; verdict: string; rules: unknown[]; line: number }[];
    expect(claims.find((claim) => claim.path === 'honest.md')).toMatchObject({
      verdict: 'supported',
      rules: [],
      line: 3,
    });
    expect((await inProcess('check', 'honest.md')).code).toBe(0);
    expect(JSON.parse((await inProcess('check', '.', '--format', 'sarif')).out)).toMatchObject({ version: '2.1.0' });
  });
});

it('has a build that fits: the bundles name no path of this machine', async () => {
  for (const path of [built.cli, built.worker]) {
    expect(await readFile(path, 'utf8')).not.toContain(resolve('.'));
  }
});
