import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attacks } from '../../../src/engine/attack/registry';
import { isGradientFree, isIterative, isSingleStep } from '../../../src/engine/pitfall/evidence';
import { checkPitfalls, pitfallRules } from '../../../src/engine/pitfall/registry';
import { pitfallSchema, reportSchema } from '../../../src/engine/report/schema';
import { attackRow, collapsedReport, figure, reportBase } from '../../fixtures/reportBase';
import { running } from './ruleTester';

const root = new URL('../../../', import.meta.url);
const at = (path: string) => new URL(path, root);
const names = pitfallRules.map(({ name }) => name);
const inFolder = (path: string, ending: string) =>
  readdirSync(at(path)).flatMap((file) => (file.endsWith(ending) ? [file.slice(0, -ending.length)] : []));

describe('every rule', () => {
  it('has a file, a page and a test, and nothing else has', () => {
    expect(inFolder('src/engine/pitfall/rule/', '.ts').sort()).toEqual([...names].sort());
    expect(inFolder('docs/rules/pitfalls/', '.md').sort()).toEqual(['README', ...names].sort());
    expect(inFolder('test/unit/pitfall/rule/', '.test.ts').sort()).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(names)('%s is tested on valid and invalid reports', (name) => {
    const test = readFileSync(at(`test/unit/pitfall/rule/${name}.test.ts`), 'utf8');
    for (const list of ['valid', 'invalid']) expect(test).toMatch(new RegExp(`\\b${list}: \\{\\n\\s+\\S`));
  });

  it.each(pitfallRules.map((rule) => [rule.name, rule] as const))(
    '%s cites a source, on its page too',
    (name, rule) => {
      expect(rule.source).toMatch(/\b(19|20)\d\d\b/);
      const page = readFileSync(at(`docs/rules/pitfalls/${name}.md`), 'utf8');
      expect(page.split('\n')[0]).toBe(`# pitfalls/${name}`);
      const sections = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
      expect(sections).toEqual(['What', 'Why', 'Evidence shown', 'What to do', 'Source']);
      for (const body of page.split(/^## .+$/m).slice(1)) expect(body.trim().length).toBeGreaterThan(40);
      const source = page.slice(page.indexOf('## Source'));
      for (const year of rule.source.match(/\b(19|20)\d\d\b/g)!) expect(source).toContain(year);
      expect(page).toContain(`**${rule.severity}**`);
    },
  );
});

describe('the overview', () => {
  const page = readFileSync(at('docs/rules/pitfalls/README.md'), 'utf8');
  const linked = [...page.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1]!);

  it('names every rule, and no page that is not there', () => {
    for (const name of names) expect(linked).toContain(`${name}.md`);
    for (const link of linked) expect(existsSync(at(`docs/rules/pitfalls/${link}`))).toBe(true);
  });

  it('has a row for every item of the literature', () => {
    for (let item = 1; item <= 18; item++) expect(page).toMatch(new RegExp(`^\\| C${item} \\|`, 'm'));
  });
});

describe('kinds of attacks', () => {
  it('are those of the registry, which is too heavy for the rules to import', () => {
    for (const { name, needs } of attacks) {
      const row = attackRow({ name, iterations: 40 });
      expect([name, isGradientFree(row)]).toEqual([name, needs !== 'gradient']);
      expect([name, isIterative(row)]).toEqual([name, needs === 'gradient' && name !== 'fgsm']);
      expect([name, isSingleStep(row)]).toEqual([name, name === 'fgsm']);
    }
  });
});

describe('the fixtures', () => {
  it('are valid reports whose parts agree', () => {
    for (const report of [reportBase(), collapsedReport()]) {
      expect(() => reportSchema.parse(report)).not.toThrow();
      const { label, prediction, brokenBy } = report.outcomes;
      const n = report.data.count;
      expect(label.filter((y, i) => y === prediction[i]).length / n).toBe(report.clean!.accuracy.value);
      for (const { name, robustAccuracy, curve, epsilon } of report.threatModels) {
        expect(brokenBy[name]!.filter((by) => by === null).length / n).toBe(robustAccuracy!.value);
        expect(curve.find((point) => point.epsilon === epsilon)!.accuracy.value).toBe(robustAccuracy!.value);
      }
    }
  });
});

describe('checkPitfalls', () => {
  it('finds nothing in an honest report', () => {
    expect(checkPitfalls(reportBase())).toEqual([]);
  });

  it('has one warning, and no error, for a plainly trained network that collapses', () => {
    expect(checkPitfalls(collapsedReport()).map(({ rule, severity }) => [rule, severity])).toEqual([
      ['pitfalls/clean-accuracy-as-robustness', 'warning'],
    ]);
  });

  const bad = () =>
    reportBase((report) => {
      report.threatModelStated = false;
      report.threatModels[0]!.attacks = [attackRow({ name: 'fgsm', iterations: 1 })];
      report.checks.zeroGradient = 0.7;
      report.checks.unbounded = [{ threatModel: 'linf-8', accuracy: figure(0.6, 100) }];
      report.clean!.accuracy = figure(0.85, 60);
    });

  it('gives valid pitfalls, gravest first, each with its page', () => {
    const found = checkPitfalls(bad());
    expect(found.length).toBeGreaterThan(4);
    for (const pitfall of found) {
      expect(() => pitfallSchema.parse(pitfall)).not.toThrow();
      expect(existsSync(at(pitfall.help))).toBe(true);
      expect(pitfall.evidence.length).toBeGreaterThan(0);
    }
    const severities = found.map(({ severity }) => severity);
    expect(severities).toEqual([...severities].sort());
    expect(found[0]!.rule).toBe('pitfalls/gradient-masking');
  });

  it('says in the middle of a run only what it still says at the end', () => {
    const early = checkPitfalls(running(bad())).map(({ rule }) => rule);
    const late = checkPitfalls(bad()).map(({ rule }) => rule);
    expect(early).toContain('pitfalls/no-threat-model');
    expect(early).not.toContain('pitfalls/single-weak-attack');
    for (const rule of early) expect(late).toContain(rule);
  });

  it('is silent on a run that has only begun', () => {
    const begun = running(
      reportBase((report) => {
        report.clean = null;
        report.threatModels[0]!.robustAccuracy = null;
        report.threatModels[0]!.attackSuccessRate = null;
        report.threatModels[0]!.attacks = [];
        report.threatModels[0]!.curve = [];
        report.checks = { zeroGradient: null, singleStep: [], unbounded: [] };
      }),
    );
    expect(checkPitfalls(begun)).toEqual([]);
  });
});
