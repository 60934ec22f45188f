import { claimRuleNames, type RuleSetting, ruleSettings } from '../engine/spec/claimRules';
import { nearest } from '../engine/spec/suggest';
import type { ClaimRule } from './rule/types';

/** Settings by rule, with the `claims/` prefix or without. */
export type RuleSettings = Readonly<Record<string, RuleSetting | undefined>>;

const prefix = 'claims/';

/** `claims/stale` for both `claims/stale` and `stale`. */
export const fullName = (rule: string): string => (rule.startsWith(prefix) ? rule : prefix + rule);

function lookUp(settings: RuleSettings, rule: string): RuleSetting | undefined {
  const full = fullName(rule);
  if (Object.hasOwn(settings, full)) return settings[full];
  const bare = full.slice(prefix.length);
  return Object.hasOwn(settings, bare) ? settings[bare] : undefined;
}

/**
 * How severe each rule is for one document: what the caller asks for (settings, command line), else what the spec nearest to the
 * document that mentions the rule says, else the rule's own severity. Of two specs in one folder the first counts.
 *
 * @param path of the document, relative to the same root as the policies, with forward slashes
 */
export function severitiesFor(
  path: string,
  policies: readonly { readonly folder: string; readonly rules: RuleSettings }[] = [],
  overrides: RuleSettings = {},
): (rule: Pick<ClaimRule, 'name' | 'severity'>) => RuleSetting {
  const above = policies
    .filter(({ folder }) => path.startsWith(folder))
    .sort((a, b) => b.folder.length - a.folder.length);
  const known = new Map<string, RuleSetting>();
  return ({ name, severity }) => {
    let setting = known.get(name);
    if (setting === undefined) {
      setting =
        lookUp(overrides, name) ??
        above.map(({ rules }) => lookUp(rules, name)).find((one) => one !== undefined) ??
        severity;
      known.set(name, setting);
    }
    return setting;
  };
}

/** Settings of rules as somebody wrote them, with what is wrong with them. */
export interface ReadSettings {
  /** By full name; what is wrong is left out. */
  readonly settings: RuleSettings;
  readonly problems: readonly { readonly message: string; readonly hint: string }[];
}

/** Reads names and severities that no schema has checked: of settings, of the command line. */
export function readRuleSettings(written: Iterable<readonly [name: string, severity: unknown]>): ReadSettings {
  const settings: Record<string, RuleSetting> = {};
  const problems: { message: string; hint: string }[] = [];
  for (const [name, severity] of written) {
    const full = fullName(name);
    if (!(claimRuleNames as readonly string[]).includes(full)) {
      const meant = nearest(full, claimRuleNames);
      problems.push({
        message: `There is no rule of claims called "${name}".`,
        hint: meant === null ? `The rules are ${claimRuleNames.join(', ')}.` : `Did you mean "${meant}"?`,
      });
    } else if (!(ruleSettings as readonly unknown[]).includes(severity)) {
      problems.push({
        message: `"${String(severity)}" is no severity of ${full}.`,
        hint: `Give one of ${ruleSettings.join(', ')}.`,
      });
    } else settings[full] = severity as RuleSetting;
  }
  return { settings, problems };
}
