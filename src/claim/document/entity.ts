/** Entities that stand in prose about figures; others stay as they are written. */
const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  percnt: '%',
  epsilon: 'ε',
  epsi: 'ε',
  delta: 'δ',
  sigma: 'σ',
  infin: '∞',
  ell: 'ℓ',
  plusmn: '±',
  pm: '±',
  times: '×',
  le: '≤',
  ge: '≥',
  leq: '≤',
  geq: '≥',
  asymp: '≈',
  approx: '≈',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  rarr: '→',
  darr: '↓',
  uarr: '↑',
};

/** What an entity such as `&epsilon;` or `&#37;` stands for; null for one that is not known. */
export function decodeEntity(entity: string): string | null {
  const numeric = /^&#(?:x([\da-f]{1,6})|(\d{1,7}));$/i.exec(entity);
  if (numeric) {
    const value = numeric[1] === undefined ? Number(numeric[2]) : Number.parseInt(numeric[1], 16);
    return value > 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff) ? String.fromCodePoint(value) : null;
  }
  const name = /^&(\w+);$/.exec(entity)?.[1];
  return name === undefined ? null : (named[name] ?? null);
}
