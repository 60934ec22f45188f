/** Attacks whose iterations are queries; by name, since the registry is too heavy for the extension host. */
export const queryAttacks: ReadonlySet<string> = new Set([
  'square',
  'sparse-rs',
  'rays',
  'surfree',
  'hopskipjump',
  'edits-beam',
  'edits-random',
]);

/** What an attack was allowed, in words: `100 steps, 5 restarts`; `5000 queries`; empty for what only tries others' points. */
export function budgetText(row: {
  readonly name: string;
  readonly iterations: number;
  readonly restarts: number;
}): string {
  const { name, iterations, restarts } = row;
  if (iterations === 0) return '';
  const unit = queryAttacks.has(name) ? ['query', 'queries'] : ['step', 'steps'];
  const size = `${iterations} ${unit[iterations === 1 ? 0 : 1]}`;
  return restarts > 1 ? `${size}, ${restarts} restarts` : size;
}
