import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { exampleBrokenBy } from '../../../src/engine/evaluate/pairs';
import { comparable } from '../../../src/engine/evaluate/run';
import type { ThreatState } from '../../../src/engine/evaluate/state';
import { chooseTarget, targetPlan } from '../../../src/engine/evaluate/targetPlan';
import type { Report, ThreatModelReport } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, irisWorkspace, type Workspace } from './workspace';

const open: Workspace[] = [];
afterAll(async () => {
  for (const workspace of open) await workspace.remove();
});

const few = {
  norm: 'linf',
  epsilon: 0.5,
  knowledge: 'white-box',
  suite: 'quick',
  iterations: 10,
  queries: 40,
} as const;

async function reportOf(workspace: Promise<Workspace>, more: object = {}): Promise<Report> {
  const { specPath } = await keep(workspace);
  const { reportPaths } = await evaluate({ specPath, threads: 1, ...more });
  return readReport(reportPaths[0]!);
}
async function keep(workspace: Promise<Workspace>): Promise<Workspace> {
  open.push(await workspace);
  return workspace;
}
const named = (report: Report, name: string): ThreatModelReport => report.threatModels.find((t) => t.name === name)!;

describe('the target of an example', () => {
  const classes = ['a', 'b', 'c', 'd', '7'];
  const plan = (target: Parameters<typeof targetPlan>[0]['target'], seed = 0) =>
    targetPlan({ name: 't', goal: 'targeted', ...(target === undefined ? {} : { target }) }, classes, seed)!;
  const logits = Float32Array.of(3, -1, 2, -1, 0);

  it('is the least likely one by the clean scores, of equal ones the first, and never the own class', () => {
    expect(chooseTarget(plan('least-likely'), 0, 0, 0, logits)).toBe(1);
    expect(chooseTarget(plan('least-likely'), 0, 0, 1, logits)).toBe(3);
  });

  it('is each of the others in turn', () => {
    const all = plan('all');
    expect(all.perExample).toBe(4);
    expect([0, 1, 2, 3].map((rank) => chooseTarget(all, 5, rank, 2, logits))).toEqual([0, 1, 3, 4]);
  });

  it('is random by the seed and the example, over all of the others alike', () => {
    const drawn = (seed: number) =>
      Array.from({ length: 800 }, (_, example) => chooseTarget(plan('random', seed), example, 0, 2, logits));
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    const counts = [0, 1, 2, 3, 4].map((k) => drawn(1).filter((target) => target === k).length);
    expect(counts[2]).toBe(0);
    for (const k of [0, 1, 3, 4]) expect(counts[k]).toBeGreaterThan(150);
    expect(plan(undefined).rule).toBe('random');
  });

  it('is a class by name or by position, and none for its own examples', () => {
    expect(plan({ class: 'c' }).class).toBe(2);
    expect(plan({ class: 3 }).class).toBe(3);
    expect(plan({ class: '3' }).class).toBe(3);
    // A name, where it is none of the positions.
    expect(plan({ class: '7' }).class).toBe(4);
    expect(plan({ class: 7 }).class).toBe(4);
    expect(chooseTarget(plan({ class: 'c' }), 0, 0, 2, logits)).toBe(-1);
    for (const wrong of ['e', 5, '5', '-1', '']) {
      expect(() => plan({ class: wrong })).toThrow(expect.objectContaining({ code: 'spec/target' }));
    }
  });
});

describe('an example of several pairs', () => {
  it('is lost to the first attack that reached any of its targets', () => {
    const of = { target: { perExample: 3 }, brokenBy: Int32Array.of(-1, 1, 2, 2, -1, 0, -1, -1, -1) };
    expect([0, 1, 2].map((example) => exampleBrokenBy(of as unknown as ThreatState, example))).toEqual([1, 0, -1]);
  });
});

describe('an evaluation of targeted attackers', { timeout: 60_000 }, () => {
  const workspace = () =>
    irisWorkspace({
      data: { test: { path: 'iris.csv', labels: 'species', limit: 40 }, range: [0, 8] },
      threatModels: [
        { ...few, name: 'any', goal: 'untargeted' },
        { ...few, name: 'each', target: 'all' },
        { ...few, name: 'one', target: 1 },
        { ...few, name: 'random', target: 'random' },
        { ...few, name: 'least', target: 'least-likely' },
      ],
      corruptions: false,
    });
  let report: Report;

  it('counts pairs of example and target, and an example once any of its targets is reached', async () => {
    report = await reportOf(workspace());
    const correct = Math.round(report.clean!.accuracy.value * 40);
    const each = named(report, 'each');
    expect(each.goal).toBe('targeted');
    expect(each.target).toMatchObject({ rule: 'all', class: null, pairs: 2 * correct, ownClass: 0 });
    const { pairs, reached, byClass } = each.target!;
    expect(reached).toBeGreaterThan(5);
    expect(reached).toBeLessThan(pairs);
    expect(each.attackSuccessRate!.value).toBeCloseTo(reached / pairs, 12);
    expect(each.attackSuccessRate!.n).toBe(pairs);
    expect(each.attacks.reduce((sum, { broken }) => sum + broken, 0)).toBe(reached);
    expect(byClass.reduce((sum, { successRate: { value, n } }) => sum + value * n, 0)).toBeCloseTo(reached, 9);
    expect(byClass.reduce((sum, { successRate: { n } }) => sum + n, 0)).toBe(pairs);
    expect(each.examplesDone).toBe(40);
    const broken = report.outcomes.brokenBy.each!.filter((by) => by !== null && by !== 'clean').length;
    expect(each.robustAccuracy).toMatchObject({ value: (correct - broken) / 40, n: 40 });
    expect(broken).toBeLessThan(reached);
    expect(broken).toBeGreaterThan(reached / 2 - 1);
    expect(each.attacks.at(-1)!.accuracyAfter.value).toBeCloseTo(each.robustAccuracy!.value, 12);
    // Any wrong class is one of the two wrong ones.
    expect(each.robustAccuracy!.value).toBe(named(report, 'any').robustAccuracy!.value);
  });

  it('knows a targeted attacker to be weaker than one who takes any class', () => {
    const any = named(report, 'any').robustAccuracy!.value;
    for (const name of ['one', 'random', 'least']) {
      const threat = named(report, name);
      expect(threat.robustAccuracy!.value).toBeGreaterThan(any);
      expect(threat.target!.pairs + threat.target!.ownClass).toBe(Math.round(report.clean!.accuracy.value * 40));
    }
    expect(named(report, 'least').attackSuccessRate!.value).toBeLessThan(
      named(report, 'random').attackSuccessRate!.value,
    );
  });

  it('has nothing to reach for examples of the wanted class: they stand', () => {
    const { target } = named(report, 'one');
    const { label, prediction, brokenBy } = report.outcomes;
    const own = label.filter((k, i) => k === 1 && prediction[i] === 1).length;
    expect(target).toMatchObject({ rule: 'class', class: report.data.classes[1], ownClass: own });
    expect(own).toBeGreaterThan(0);
    expect(target!.byClass).toHaveLength(1);
    label.forEach((k, i) => {
      if (k === 1 && prediction[i] === 1) expect(brokenBy.one![i]).toBe(null);
    });
  });

  it('has a curve that falls from the clean accuracy through the figure at ε', () => {
    for (const { curve, epsilon, robustAccuracy } of report.threatModels) {
      const values = curve.map(({ accuracy }) => accuracy.value);
      expect(values[0]).toBe(report.clean!.accuracy.value);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      expect(curve.find((point) => point.epsilon === epsilon)!.accuracy.value).toBe(robustAccuracy!.value);
    }
  });

  it('says what is wanted, and shows only adversarial examples that got it', () => {
    expect(named(report, 'one').description).toContain(`to get the class ${report.data.classes[1]} (targeted)`);
    expect(named(report, 'each').description).toContain('each of the wrong classes in turn (targeted)');
    const shown = report.gallery.filter(({ threatModel }) => threatModel === 'one');
    expect(shown.length).toBeGreaterThan(0);
    for (const { adversarial, index } of report.gallery) {
      expect(index).toBeLessThan(40);
      expect(adversarial.label).not.toBe(report.data.classes[report.outcomes.label[index]!]);
    }
    for (const { adversarial } of shown) expect(adversarial.label).toBe(report.data.classes[1]);
  });

  it('gives the same report in batches of another size', async () => {
    const again = await reportOf(workspace(), { batchSize: 3 });
    const figures = (of: Report) => JSON.stringify((comparable(of) as Report).threatModels);
    expect(figures(again)).toBe(figures(report));
  });

  it('is asked for by option, in place of what the spec says', async () => {
    const asked = await reportOf(workspace(), { goal: 'targeted', target: 'least-likely', limit: 20 });
    expect(asked.threatModels.map(({ target }) => target?.rule)).toEqual(Array(5).fill('least-likely'));
    const untargeted = await reportOf(workspace(), { goal: 'untargeted', limit: 20 });
    expect(untargeted.threatModels.every(({ target, goal }) => target === undefined && goal === 'untargeted')).toBe(
      true,
    );
  });
});

describe('beside the cascade a targeted attacker', { timeout: 60_000 }, () => {
  it('is measured by smallest perturbations, transfer, single values, and scores alone', async () => {
    const workspace = irisWorkspace({
      data: { test: { path: 'iris.csv', labels: 'species', limit: 30 }, range: [0, 8] },
      threatModels: [
        { ...few, name: 'l2', norm: 'l2', target: 'all', minimalNorm: true, transferFrom: ['other.onnx'] },
        { ...few, name: 'values', norm: 'l0', epsilon: 1, target: 'random' },
        { ...few, name: 'scores', target: 'random', knowledge: 'black-box-score' },
      ],
      corruptions: false,
    });
    const { root, specPath } = await keep(workspace);
    await writeFile(join(root, 'other.onnx'), await readFile(join(root, 'tiny.onnx')));
    const report = await readReport((await evaluate({ specPath, threads: 1 })).reportPaths[0]!);
    const l2 = named(report, 'l2');
    expect(l2.minimalNorm).toMatchObject({ attacks: ['fab-t', 'ddn', 'fmn'], n: 60 });
    expect(l2.minimalNorm!.found).toBeGreaterThan(40);
    // Of each pair: to any class it is nearer than to a certain one.
    const away = irisWorkspace({
      data: { test: { path: 'iris.csv', labels: 'species', limit: 30 }, range: [0, 8] },
      threatModels: [{ ...few, name: 'l2', norm: 'l2', goal: 'untargeted', minimalNorm: true }],
      corruptions: false,
    });
    const nearest = named(await reportOf(away), 'l2').minimalNorm!.median.value!;
    expect(l2.minimalNorm!.median.value).toBeGreaterThan(nearest);
    expect(l2.attacks.map(({ name }) => name)).toContain('transfer');
    expect(named(report, 'values').attacks.map(({ name }) => name)).toEqual(['sigma-zero', 'sparse-rs']);
    expect(
      named(report, 'scores')
        .attacks.filter(({ sample }) => !sample)
        .map(({ name }) => name),
    ).toEqual(['square']);
    expect(report.checks.randomDraws ?? []).toEqual([]);
    expect(report.checks.references ?? []).toEqual([]);
  });

  it('raises a pitfall where nobody else was evaluated, whose button evaluates one who takes any class', async () => {
    const spec = { threatModels: [{ ...few, name: 'one', epsilon: 0.1, target: 'random' }], corruptions: false };
    const report = await reportOf(digitsWorkspace({ ...spec, model: 'models/robust.onnx' }), { limit: 30 });
    const found = report.pitfalls.find(({ rule }) => rule === 'pitfalls/targeted-only');
    expect(found?.mitigation?.changes).toEqual({ threatModels: ['one'], goal: 'untargeted' });
    const fixed = await reportOf(digitsWorkspace({ ...spec, model: 'models/robust.onnx' }), {
      limit: 30,
      changes: [found!.mitigation!.changes],
    });
    expect(fixed.threatModels[0]).toMatchObject({ name: 'one', goal: 'untargeted' });
    expect(fixed.pitfalls.map(({ rule }) => rule)).not.toContain('pitfalls/targeted-only');
    expect(fixed.threatModels[0]!.robustAccuracy!.value).toBeLessThanOrEqual(
      report.threatModels[0]!.robustAccuracy!.value,
    );
  });

  it('cannot be one perturbation for all', async () => {
    const { specPath } = await keep(
      irisWorkspace({ threatModels: [{ ...few, name: 'one', target: 'all' }], universal: { threatModel: 'one' } }),
    );
    await expect(evaluate({ specPath })).rejects.toMatchObject({ code: 'spec/universal' });
  });
});
