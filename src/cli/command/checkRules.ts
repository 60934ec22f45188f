import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { RulePage } from '../../claim/sarif';
import { type RuleSettings, readRuleSettings } from '../../claim/severity';
import type { Claim } from '../../claim/types';
import { RobustnessError } from '../../engine/error';
import type { Arguments } from '../command';

/**
 * `--rule claims/no-tradeoff=off --rule stale=error`.
 *
 * @throws RobustnessError `usage/rule`
 */
export function rulesOf(args: Arguments): RuleSettings {
  const written = args.texts('rule').map((text) => {
    const at = text.lastIndexOf('=');
    if (at <= 0)
      throw new RobustnessError('usage/rule', `--rule is "${text}".`, 'Write it as --rule claims/no-tradeoff=off.');
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()] as const;
  });
  const { settings, problems } = readRuleSettings(written);
  const first = problems[0];
  if (first !== undefined) throw new RobustnessError('usage/rule', first.message, first.hint);
  return settings;
}

/** The pages that ship beside the command line. */
export const shippedPage: RulePage = (rule) => {
  const here = typeof __dirname === 'string' ? __dirname : dirname(process.argv[1] ?? '.');
  try {
    return readFileSync(join(here, '..', 'docs', 'rules', `${rule}.md`), 'utf8');
  } catch {
    return null;
  }
};

/**
 * A claim as it is printed: paths are relative to where the command runs, so that both document and report can be opened from there.
 *
 * @param root of the repository, to which the claim's paths are relative
 */
export function fromHere(claim: Claim, root: string, cwd: string): Claim {
  const here = (path: string) => (isAbsolute(path) ? path : relative(cwd, join(root, path)).split(sep).join('/'));
  const { evidence } = claim;
  return {
    ...claim,
    path: here(claim.path),
    evidence: evidence && { ...evidence, report: here(evidence.report) },
  };
}
