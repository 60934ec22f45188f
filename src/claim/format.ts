import { type RulePage, toSarif } from './sarif';
import type { Claim } from './types';

export type ClaimFormat = 'line' | 'json' | 'sarif';

/** One line a rule hit: `path:line:column: severity rule message`. Empty when there is none. */
function toLines(claims: readonly Claim[]): string {
  return claims
    .flatMap((claim) =>
      claim.rules.map(
        (hit) =>
          `${claim.path}:${claim.line}:${claim.column}: ${hit.severity} ${hit.rule} ${hit.message.replace(/\s*[\r\n]+\s*/g, ' ')}\n`,
      ),
    )
    .join('');
}

/**
 * Claims for people and problem matchers (`line`), for programs (`json`: the claims themselves), for code scanning (`sarif`).
 *
 * @param page gives SARIF the page of each rule
 */
export function formatClaims(
  claims: readonly Claim[],
  format: ClaimFormat,
  version = '0.0.0',
  page?: RulePage,
): string {
  switch (format) {
    case 'line':
      return toLines(claims);
    case 'json':
      return `${JSON.stringify(claims, null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(toSarif(claims, version, page), null, 2)}\n`;
  }
}
