import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { type ClaimPolicy, emptyEvidence } from '../../../src/claim/evidence';
import { claimRules } from '../../../src/claim/rule/registry';
import { type RuleSettings, readRuleSettings, severitiesFor } from '../../../src/claim/severity';
import { claimRuleNames } from '../../../src/engine/spec/claimRules';
import { parseSpec } from '../../../src/engine/spec/read';

const vague = 'Our image classifier is robust to adversarial attacks.';
const measured = 'The network keeps 62 % accuracy under PGD with linf ε = 0.1, against 95 % on clean images.';
const policy = (folder: string, rules: RuleSettings): ClaimPolicy => ({
  folder,
  include: [],
  exclude: [],
  rules,
  about: [],
});
const hits = (text: string, path: string, policies: readonly ClaimPolicy[], settings: RuleSettings = {}) =>
  Object.fromEntries(
    checkDocument(text, path, { ...emptyEvidence, policies }, settings).flatMap(({ rules }) =>
      rules.map(({ rule, severity }) => [rule, severity]),
    ),
  );

describe('severities of claim rules', () => {
  it('are those of the rules where nobody sets others', () => {
    const of = severitiesFor('README.md');
    expect(claimRules.map(of)).toEqual(claimRules.map(({ severity }) => severity));
    expect(hits(vague, 'README.md', [])).toEqual({
      'claims/no-threat-model': 'warning',
      'claims/binary-robustness': 'warning',
    });
  });

  it('come from the nearest spec that mentions the rule, whatever the order of the specs', () => {
    const policies = [
      policy('', { 'claims/no-threat-model': 'error', 'binary-robustness': 'off' }),
      policy('models/cifar/', { 'no-threat-model': 'info' }),
      policy('models/', { 'claims/no-threat-model': 'off' }),
    ];
    expect(hits(vague, 'README.md', policies)).toEqual({ 'claims/no-threat-model': 'error' });
    expect(hits(vague, 'models/README.md', policies)).toEqual({});
    expect(hits(vague, 'models/cifar/a/card.md', policies)).toEqual({ 'claims/no-threat-model': 'info' });
    expect(hits(vague, 'models.md', policies)).toEqual({ 'claims/no-threat-model': 'error' });
  });

  it('of the caller go before those of specs', () => {
    const policies = [policy('', { 'claims/no-threat-model': 'off' })];
    const settings = { 'no-threat-model': 'error', 'claims/binary-robustness': 'off' } as const;
    expect(hits(vague, 'README.md', policies, settings)).toEqual({ 'claims/no-threat-model': 'error' });
  });

  it('turn a rule on that is off by default', () => {
    expect(hits(measured, 'README.md', [])).toEqual({});
    expect(hits(measured, 'README.md', [policy('', { 'claims/no-sample-size': 'info' })])).toEqual({
      'claims/no-sample-size': 'info',
    });
  });

  it('decide what a claim lacks: without the rules that find it vague, it is not underspecified', () => {
    const off = { 'no-threat-model': 'off', 'binary-robustness': 'off' } as const;
    expect(checkDocument(vague, 'README.md', emptyEvidence)[0]!.verdict).toBe('underspecified');
    expect(checkDocument(vague, 'README.md', emptyEvidence, off)[0]!.verdict).toBe('unsupported');
  });

  it('silence comments that are at fault, too', () => {
    const text = `<!-- robustness-disable-next-line claims/no-treat-model -- why -->\n${measured}`;
    expect(hits(text, 'README.md', [])).toEqual({ 'claims/unknown-rule': 'warning' });
    expect(hits(text, 'README.md', [], { 'unknown-rule': 'off' })).toEqual({});
  });

  it('take no name from the prototype', () => {
    const of = severitiesFor('README.md', [policy('', {})], {});
    expect(of({ name: 'constructor', severity: 'info' })).toBe('info');
  });
});

describe('readRuleSettings', () => {
  it('reads names with the prefix and without, and says what is wrong with the rest', () => {
    const { settings, problems } = readRuleSettings([
      ['claims/stale', 'error'],
      ['no-tradeoff', 'off'],
      ['claims/no-treat-model', 'off'],
      ['weak-attack', 'fatal'],
      ['zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz', 'off'],
    ]);
    expect(settings).toEqual({ 'claims/stale': 'error', 'claims/no-tradeoff': 'off' });
    expect(problems.map(({ message }) => message)).toEqual([
      'There is no rule of claims called "claims/no-treat-model".',
      '"fatal" is no severity of claims/weak-attack.',
      expect.stringContaining('zzz'),
    ]);
    expect(problems[0]!.hint).toBe('Did you mean "claims/no-threat-model"?');
    expect(problems[2]!.hint).toContain('claims/stale');
  });
});

describe('the names of claim rules', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const { configuration, taskDefinitions } = manifest.contributes;

  it('are the same in the specs, in the settings, in tasks and in the code', () => {
    const names = claimRules.map(({ name }) => `claims/${name}`).sort();
    expect([...claimRuleNames].sort()).toEqual(names);
    expect(Object.keys(configuration.properties['robustness.claims.rules'].properties).sort()).toEqual(names);
    expect(Object.keys(taskDefinitions[0].properties.rules.properties).sort()).toEqual(names);
  });

  it('come with their severity and summary in the settings', () => {
    for (const { name, severity, summary } of claimRules)
      expect(configuration.properties['robustness.claims.rules'].properties[`claims/${name}`]).toMatchObject({
        default: severity,
        description: summary,
      });
  });

  it('are checked in a spec, with a suggestion', () => {
    const spec = (rule: string, severity: string) =>
      `model: a.onnx\ndata: {test: {path: t.npz}}\nclaims:\n  rules:\n    ${rule}: ${severity}\n`;
    expect(parseSpec(spec('claims/stale', 'error'), 'robustness.yaml').claims?.rules).toEqual({
      'claims/stale': 'error',
    });
    const wrong = (rule: string, severity = 'off') => {
      try {
        parseSpec(spec(rule, severity), 'robustness.yaml');
      } catch (error) {
        return error as Error & { code: string; hint: string };
      }
      throw new Error('was accepted');
    };
    expect(wrong('claims/no-treat-model')).toMatchObject({
      code: 'spec/unknown-key',
      message: expect.stringContaining('line 5'),
      hint: 'Did you mean `claims/no-threat-model`?',
    });
    expect(wrong('stale').hint).toBe('Did you mean `claims/stale`?');
    expect(wrong('claims/stale', 'fatal').code).toBe('spec/invalid');
  });
});
