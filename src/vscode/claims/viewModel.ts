import type { Claim, ClaimVerdict } from '../../claim/types';

/** What a claim is listed under: its verdict, or that someone gave a reason to let it stand. */
export type ClaimState = ClaimVerdict | 'suppressed';

/** From what needs attention most to what needs none. */
export const claimStates: readonly ClaimState[] = [
  'contradicted',
  'overreaching',
  'stale',
  'unsupported',
  'underspecified',
  'supported',
  'suppressed',
];

export type Grouping = 'verdict' | 'document';

/** A claim with the document that it stands in. */
export interface ListedClaim {
  /** Stays the same when the claim moves within its document. */
  readonly id: string;
  /** Of the document. */
  readonly uri: string;
  /** The document as a person reads it: `docs/model.md`, `study.ipynb, cell 3`. */
  readonly document: string;
  readonly claim: Claim;
}

export interface ClaimGroup {
  readonly key: string;
  readonly claims: readonly ListedClaim[];
}

/** Which claims are listed; an empty set hides nothing. */
export interface ClaimFilter {
  readonly states: ReadonlySet<ClaimState>;
  /** URI of the only document whose claims are listed. */
  readonly document: string | null;
}

export const noFilter: ClaimFilter = { states: new Set(), document: null };

export function stateOf(claim: Pick<Claim, 'verdict' | 'suppressed'>): ClaimState {
  return claim.suppressed === null ? claim.verdict : 'suppressed';
}

/** Whether there is something to do: what a rule says is wrong, and nobody has given a reason for. */
export function needsAttention(claim: Pick<Claim, 'rules'>): boolean {
  return claim.rules.length > 0;
}

/** The claims of a document in its order, each with an id that survives edits elsewhere in the document. */
export function listClaims(uri: string, document: string, claims: readonly Claim[]): ListedClaim[] {
  const seen = new Map<string, number>();
  return claims.map((claim) => {
    const key = `${claim.text}\0${claim.kind}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return { id: `${uri}\0${key}\0${nth}`, uri, document, claim };
  });
}

export function passes({ uri, claim }: ListedClaim, filter: ClaimFilter): boolean {
  if (filter.document !== null && filter.document !== uri) return false;
  return filter.states.size === 0 || filter.states.has(stateOf(claim));
}

/** Whether `filter` hides anything at all. */
export function filters({ states, document }: ClaimFilter): boolean {
  return states.size > 0 || document !== null;
}

/**
 * Groups of claims that pass the filter, none empty: by verdict in the order of urgency, or by document in the order of
 * their names. Within a group, claims keep the order of the text.
 */
export function groupClaims(
  claims: readonly ListedClaim[],
  grouping: Grouping,
  filter: ClaimFilter = noFilter,
): ClaimGroup[] {
  const documents = new Map<string, ListedClaim[]>();
  for (const listed of claims) if (passes(listed, filter)) put(documents, listed.uri, listed);
  // Names are compared document by document: of a thousand documents with ten claims each, comparing them claim by claim shows.
  const inOrder = [...documents.values()].sort((a, b) => byName(a[0]!, b[0]!));
  const groups = new Map<string, ListedClaim[]>();
  if (grouping === 'verdict') for (const state of claimStates) groups.set(state, []);
  for (const document of inOrder) {
    document.sort((a, b) => a.claim.line - b.claim.line || a.claim.column - b.claim.column);
    for (const listed of document) put(groups, grouping === 'verdict' ? stateOf(listed.claim) : listed.uri, listed);
  }
  return [...groups].filter(([, of]) => of.length > 0).map(([key, of]) => ({ key, claims: of }));
}

function put(groups: Map<string, ListedClaim[]>, key: string, listed: ListedClaim): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [listed]);
  else group.push(listed);
}

/** Numbers in names count as numbers: cell 2 comes before cell 10. */
const names = new Intl.Collator('en', { numeric: true });

function byName(a: ListedClaim, b: ListedClaim): number {
  return names.compare(a.document, b.document) || (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : 0);
}

/** How many claims there are of each state; states without one are left out. */
export function countStates(claims: readonly ListedClaim[]): Map<ClaimState, number> {
  const counts = new Map<ClaimState, number>();
  for (const state of claimStates) {
    const count = claims.filter(({ claim }) => stateOf(claim) === state).length;
    if (count > 0) counts.set(state, count);
  }
  return counts;
}

/** A claim as one line of a list: no line breaks, no marks of emphasis or code. */
export function claimLabel({ text }: Pick<Claim, 'text'>): string {
  const line = text.replaceAll(/[*`]+/g, '').replaceAll(/\s+/g, ' ').trim();
  return line.length <= 160 ? line : `${line.slice(0, 159).trimEnd()}…`;
}
