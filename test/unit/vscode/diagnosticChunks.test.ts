import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, rechunk } from '../../../src/vscode/claims/diagnosticChunks';

const size = 4;

/** What an editor shows that is told of stale slots alone. */
class Editor {
  chunks: readonly Chunk<object>[] = [];
  readonly slots = new Map<number, readonly object[]>();
  told = 0;

  show(items: readonly object[]): void {
    const { chunks, stale } = rechunk(this.chunks, items, size);
    this.chunks = chunks;
    for (const slot of stale) {
      this.told++;
      const chunk = chunks.find((each) => each.slot === slot);
      if (chunk === undefined) this.slots.delete(slot);
      else this.slots.set(slot, chunk.items);
    }
  }

  /** In the order of the document. */
  get shown(): object[] {
    return this.chunks.flatMap(({ slot }) => this.slots.get(slot) ?? []);
  }
}

const edit = fc.record({ at: fc.nat(40), remove: fc.nat(9), insert: fc.nat(20) });
const some = (count: number) => Array.from({ length: count }, () => ({}));

describe('the chunks of a list', () => {
  it('show what the list holds, in its order, whatever becomes of it', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.array(edit, { maxLength: 20 }), (count, edits) => {
        const editor = new Editor();
        let items = some(count);
        editor.show(items);
        for (const { at, remove, insert } of edits) {
          const from = Math.min(at, items.length);
          items = [...items.slice(0, from), ...some(insert), ...items.slice(from + remove)];
          editor.show(items);
          expect(editor.shown).toEqual(items);
          expect(editor.shown.every((item, i) => item === items[i])).toBe(true);
          expect([...editor.slots.values()].flat()).toHaveLength(items.length);
          expect(editor.chunks.every((chunk) => chunk.items.length > 0 && chunk.items.length <= 2 * size)).toBe(true);
          expect(new Set(editor.chunks.map(({ slot }) => slot)).size).toBe(editor.chunks.length);
        }
      }),
    );
  });

  it('are told of alone where something changed', () => {
    const editor = new Editor();
    const items = some(100);
    editor.show(items);
    const before = editor.told;
    editor.show(items);
    expect(editor.told).toBe(before);
    editor.show([...items.slice(0, 50), {}, ...items.slice(51)]);
    editor.show([...items.slice(0, 50), ...items.slice(51)]);
    expect(editor.told - before).toBeLessThanOrEqual(3);
  });
});
