import type { RuleSetting } from '../engine/spec/claimRules';
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
