import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, type JournalHeader } from '../../../src/engine/evaluate/journal';

const header: JournalHeader = { tool: '1', seed: 0, modelSha256: 'm', dataSha256: 'd', specSha256: 's' };
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'deep', 'journal.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

async function written(): Promise<void> {
  const journal = await Journal.create(path);
  await journal.append('m:clean/0', { logits: Float32Array.of(1, 2) }, 1.5);
  await journal.append('m:clean/1', { logits: Float32Array.of(3) }, 2.5);
  await journal.close();
}

describe('Journal', () => {
  it('replays what was written', async () => {
    await written();
    const journal = await Journal.resume(path);
    expect(journal.size).toBe(2);
    expect(journal.get('m:clean/0')).toEqual({ logits: Float32Array.of(1, 2) });
    expect(journal.has('m:clean/2')).toBe(false);
    expect(journal.elapsed('m:')).toBe(2.5);
    expect(journal.elapsed('other:')).toBe(0);
    await journal.close();
  });

  it('has each entry on disk before it returns', async () => {
    const journal = await Journal.create(path);
    await journal.append('a', 1);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3);
    await journal.close();
  });

  it('ignores a torn last line, wherever it was torn, and goes on after it', async () => {
    await written();
    const whole = await readFile(path, 'utf8');
    const lastLine = whole.lastIndexOf('{"key":"m:clean/1"');
    for (const cut of [lastLine + 1, lastLine + 20, whole.length - 2, whole.length - 1]) {
      await writeFile(path, whole.slice(0, cut));
      const journal = await Journal.resume(path);
      expect(journal.size).toBe(1);
      await journal.append('m:clean/1', 'again');
      await journal.close();
      const after = await Journal.resume(path);
      expect(after.get('m:clean/1')).toBe('again');
      await after.close();
    }
  });

  it('ignores a last line of garbage that ends in a line break', async () => {
    await written();
    await appendFile(path, '{"key":"m:cl\n');
    const journal = await Journal.resume(path);
    expect(journal.size).toBe(2);
    await journal.close();
  });

  it('starts anew when even the first line was torn', async () => {
    await written();
    await truncate(path, 5);
    const journal = await Journal.resume(path);
    expect(journal.size).toBe(0);
    await journal.append('a', 1);
    await journal.close();
    const after = await Journal.resume(path);
    expect(after.get('a')).toBe(1);
    await after.close();
  });

  it.each([
    ['garbage in the middle', '{"journal":1}\nnot json\n{"key":"a","result":1}\n'],
    ['an entry without a key', '{"journal":1}\n{"result":1}\n{"key":"a","result":1}\n'],
    ['a file of another kind', '{"hello":1}\n{"key":"a","result":1}\n'],
    ['another version', '{"journal":99}\n{"key":"a","result":1}\n'],
  ])('refuses %s', async (_, text) => {
    const file = join(folder, 'bad.jsonl');
    await writeFile(file, text);
    await expect(Journal.resume(file)).rejects.toMatchObject({ code: 'evaluate/journal-damaged' });
  });

  it('refuses a run that is not there', async () => {
    await expect(Journal.resume(path)).rejects.toMatchObject({ code: 'evaluate/no-such-run' });
  });

  it('refuses to mix two evaluations, and says what changed', async () => {
    const journal = await Journal.create(path);
    await journal.confirmHeader('m:header', header);
    await journal.confirmHeader('m:header', header);
    const changed = { ...header, modelSha256: 'other', seed: 1 };
    await expect(journal.confirmHeader('m:header', changed)).rejects.toMatchObject({
      code: 'evaluate/journal-mismatch',
      message: expect.stringMatching(/seed.*model/),
    });
    await journal.close();
  });
});
