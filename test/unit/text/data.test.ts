import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDataset } from '../../../src/engine/data/assemble';
import { readGroups } from '../../../src/engine/data/groups';
import { openDataset } from '../../../src/engine/data/open';
import type { DataSource } from '../../../src/engine/spec/schema';
import { codePointCount, decodeText, encodeText, widthFor } from '../../../src/engine/text/codePoints';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'texts-'));
});
afterAll(() => rm(folder, { recursive: true }));

let next = 0;
async function opened(
  content: string | Uint8Array,
  name = 'test.csv',
  source: Partial<DataSource> = {},
  options: object = {},
): Promise<OpenDataset> {
  const path = join(folder, `${next++}-${name}`);
  await writeFile(path, content);
  return openDataset({ path, ...source }, folder, { texts: true, ...options });
}

async function read(dataset: OpenDataset): Promise<{ texts: string[]; labels: number[] }> {
  const texts: string[] = [];
  const labels: number[] = [];
  const width = dataset.shape[0]!;
  for await (const { x, y, count } of dataset.batches(3)) {
    for (let i = 0; i < count; i++) texts.push(decodeText(x.subarray(i * width, (i + 1) * width)));
    labels.push(...y);
  }
  return { texts, labels };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe('tables of texts', () => {
  it('keep quotes, line breaks, emoji, right-to-left scripts and empty texts', async () => {
    const dataset = await opened(
      '\ufefftext,label\r\n"He said ""no"", twice",neg\r\n"two\nlines",pos\r\n,neg\r\n"👩‍🚀 naïve שלום مرحبا 日本",pos\r\n"  spaces kept  ",neg\r\n',
    );
    expect(dataset).toMatchObject({
      kind: 'text',
      count: 5,
      range: null,
      unit: 1,
      classes: ['neg', 'pos'],
      features: null,
    });
    const { texts, labels } = await read(dataset);
    expect(texts).toEqual(['He said "no", twice', 'two\nlines', '', '👩‍🚀 naïve שלום مرحبا 日本', '  spaces kept  ']);
    expect(labels).toEqual([0, 1, 0, 1, 0]);
    expect(dataset.inferred.join()).toContain('the texts are in column “text”');
  });

  it('find the columns by their names, by what the spec says, and by their lengths', async () => {
    const content = 'id,sentiment,review\n1,1,a long enough review\n2,0,another one of them\n';
    expect(await read(await opened(content))).toEqual({
      texts: ['a long enough review', 'another one of them'],
      labels: [1, 0],
    });
    const stated = await opened('a,b,c\nx y z,0,q w\nu v w,1,e r\n', 'test.csv', {
      text: 'c',
      labels: 'b',
      header: true,
    });
    expect((await read(stated)).texts).toEqual(['q w', 'e r']);
    const bare = await opened('what a fine day it is,pos\nwhat a rainy one,neg\n', 'test.csv');
    expect(await read(bare)).toEqual({ texts: ['what a fine day it is', 'what a rainy one'], labels: [1, 0] });
    const position = await opened('0,no header here\n1,nor there\n', 'test.csv', { text: -1, labels: 0 });
    expect((await read(position)).labels).toEqual([0, 1]);
  });

  it('between tabs take quotes for characters where they are around nothing', async () => {
    const content = 'sentence\tlabel\nsix inches (6") long\t1\n"unclosed quote\t0\nplain\t1\n';
    const dataset = await opened(content, 'test.tsv');
    expect((await read(dataset)).texts).toEqual(['six inches (6") long', '"unclosed quote', 'plain']);
    expect(dataset.inferred.join()).toContain('quotes are characters');
    const quoted = await opened('sentence\tlabel\n"with a\ttab"\t1\nplain\t0\n', 'test.tsv');
    expect((await read(quoted)).texts).toEqual(['with a\ttab', 'plain']);
  });

  it('have groups by column', async () => {
    const path = join(folder, 'groups.csv');
    await writeFile(path, 'text,label,site\n"one, two",0,north\nthree,1,south\n');
    const dataset = await openDataset({ path, groups: 'site' }, folder, { texts: true });
    expect(await readGroups({ path, groups: 'site' }, folder, dataset)).toEqual(['north', 'south']);
  });

  it('are cut where the spec says, and have room for what is put in', async () => {
    const long = 'word '.repeat(2500).trim();
    const whole = await opened(`text,label\n${long},0\nshort,1\n`);
    expect(whole.shape).toEqual([widthFor(long.length)]);
    expect((await read(whole)).texts[0]).toBe(long);
    const cut = await opened(`text,label\n${long},0\nshort,1\n`, 'test.csv', { characters: 10 });
    expect((await read(cut)).texts).toEqual(['word word ', 'short']);
    expect(cut.inferred.join()).toContain('1 of 2 texts are longer than 10 characters');
    const same = await opened('text,label\nanother text,1\n', 'test.csv', {}, { width: cut.shape[0] });
    expect(same.shape).toEqual(cut.shape);
  });

  it('take the names of classes that the model’s own files give, whatever their case', async () => {
    const names = { names: ['NEGATIVE', 'POSITIVE'] };
    const dataset = await opened('text,label\nfine,Positive\nbad,Negative\n', 'test.csv', {}, names);
    expect(dataset.classes).toEqual(['NEGATIVE', 'POSITIVE']);
    expect((await read(dataset)).labels).toEqual([1, 0]);
    const numbers = await opened('text,label\nfine,1\nbad,0\n', 'test.csv', {}, names);
    expect([numbers.classes, (await read(numbers)).labels]).toEqual([
      ['NEGATIVE', 'POSITIVE'],
      [1, 0],
    ]);
    const others = await opened('text,label\nfine,zebra\nbad,ant\n', 'test.csv', {}, names);
    expect(others.classes).toEqual(['ant', 'zebra']);
  });

  it('are refused by code where they are broken', async () => {
    expect(await failure(opened('text,label\n"never closed,1\nx,0\n'))).toBe('data/csv-syntax');
    expect(await failure(opened('text,label\na,b,c,1\nx,0\n'))).toBe('data/csv-ragged');
    expect(await failure(opened('text,label\nno label here,\n'))).toBe('data/label-missing');
    expect(await failure(opened('text,label\n'))).toBe('data/empty');
    expect(await failure(opened(''))).toBe('data/empty');
    expect(await failure(opened('text,label\nx,1\n', 'test.csv', { text: 'body' }))).toBe('data/no-such-column');
    expect(await failure(opened('text,label\nx,1\n', 'test.csv', { text: 'text', labels: 'text' }))).toBe(
      'data/no-such-column',
    );
    expect(await failure(opened('text\nalone\n'))).toMatch(/^data\//);
    expect(await failure(opened(Uint8Array.of(0x74, 0x2c, 0x6c, 0x0a, 0xe9, 0x2c, 0x31, 0x0a)))).toBe(
      'data/text-encoding',
    );
    expect(await failure(opened('text,label\nx,1\n', 'test.csv', {}, { range: [0, 255] }))).toBe('data/outside-range');
    expect(await failure(opened('text,label\nx,1\n', 'test.csv', {}, { answers: 'targets' }))).toBe('data/no-targets');
    expect(await failure(opened('x', 'test.npz'))).toBe('data/no-texts');
  });
});

describe('objects a line', () => {
  it('hold texts and labels of any kind, under usual or stated keys', async () => {
    const lines = [
      { id: 1, text: 'quote " and \u2028 line', label: 'pos' },
      { id: 2, text: '\ud800 half, \u0000 nothing', label: 'neg' },
      { id: 3, text: '', label: 'pos' },
    ];
    const dataset = await opened(`${lines.map((line) => JSON.stringify(line)).join('\n\n')}\n`, 'test.jsonl');
    expect(await read(dataset)).toEqual({
      texts: ['quote " and \u2028 line', '\ufffd half, \ufffd nothing', ''],
      labels: [1, 0, 1],
    });
    const stated = await opened('{"q":"a b","intent":2}\r\n{"q":"c","intent":0}', 'test.jsonl', {
      text: 'q',
      labels: 'intent',
    });
    expect(await read(stated)).toEqual({ texts: ['a b', 'c'], labels: [2, 0] });
    const flags = await opened('{"review":"a","label":true}\n{"review":"b","label":false}\n', 'test.ndjson');
    expect((await read(flags)).labels).toEqual([1, 0]);
  });

  it('are refused by code where they are broken or hostile', async () => {
    const line = (value: unknown) => `${JSON.stringify({ text: 'ok', label: 1 })}\n${JSON.stringify(value)}\n`;
    expect(await failure(opened(line([1, 2]), 'test.jsonl'))).toBe('data/jsonl-syntax');
    expect(await failure(opened('{"text": "a", "label": 1}\n{"text": ', 'test.jsonl'))).toBe('data/jsonl-syntax');
    expect(await failure(opened(line({ text: 7, label: 1 }), 'test.jsonl'))).toBe('data/not-text');
    expect(await failure(opened(line({ label: 1 }), 'test.jsonl'))).toBe('data/not-text');
    expect(await failure(opened(line({ text: 'x' }), 'test.jsonl'))).toBe('data/label-missing');
    expect(await failure(opened(line({ text: 'x', label: { a: 1 } }), 'test.jsonl'))).toBe('data/label-missing');
    expect(await failure(opened(line({ text: 'x', label: 1.5 }), 'test.jsonl'))).toBe('data/label-not-class');
    expect(await failure(opened('{"__proto__": {"text": "x"}, "label": 1}\n', 'test.jsonl'))).toMatch(/^data\//);
    expect(await failure(opened(`{"text": ${'['.repeat(100_000)}`, 'test.jsonl'))).toBe('data/jsonl-syntax');
    expect(await failure(opened('\n\n', 'test.jsonl'))).toBe('data/empty');
    expect(await failure(opened(Uint8Array.of(0x7b, 0xff, 0x7d), 'test.jsonl'))).toBe('data/text-encoding');
    expect(await failure(opened(`{"text":"${'x'.repeat(2 ** 24 + 10)}`, 'test.jsonl'))).toBe('data/jsonl-syntax');
  });
});

describe('code points', () => {
  it('go into a vector and come back, whatever the text', () => {
    const text = 'a😀é\u0301שלום👩‍🚀\n\t字';
    const x = new Float32Array(40);
    expect(encodeText(text, x)).toBe(codePointCount(text));
    expect(decodeText(x)).toBe(text);
    expect(codePointCount(text)).toBe([...text].length);
    expect(decodeText(Float32Array.of(97, 0.5, 0x110000, 0xd800, 98, 0, 99))).toBe('a\ufffd\ufffd\ufffdb');
  });
});
