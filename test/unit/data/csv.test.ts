import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectError, readAll, temporaryFolder, write } from './files';

const folder = temporaryFolder();
let files = 0;
const csv = (text: string) => ({ path: write(folder, `${files++}.csv`, text) });

describe('CSV', () => {
  it('finds header, label column and classes, and leaves row numbers out', async () => {
    const { data, x, y } = await readAll(csv('Id,length,Species,width\n1,5.5,b,2\n2,4,a,3\n3,1e-3,b,-4\n'));
    expect(x).toEqual([5.5, 2, 4, 3, 1e-3, -4].map(Math.fround));
    expect(y).toEqual([1, 0, 1]);
    expect(data).toMatchObject({
      kind: 'vector',
      shape: [2],
      range: null,
      unit: 1,
      classes: ['a', 'b'],
      features: ['length', 'width'],
    });
    expect(data.inferred.join('; ')).toMatch(/“Species”.*“Id” numbers the rows.*0 a, 1 b/);
  });

  it('keeps a first column called id that does not count', async () => {
    expect((await readAll(csv('id,a,y\n1,5,0\n2,6,1\n4,7,0\n'))).x).toEqual([1, 5, 2, 6, 4, 7]);
  });

  it('takes the last column where nothing is named', async () => {
    const { data, x, y } = await readAll(csv('5.1,3.5,setosa\n4.9,3.0,virginica\n'));
    expect([x, y]).toEqual([[5.1, 3.5, 4.9, 3].map(Math.fround), [0, 1]]);
    expect([data.features, data.classes]).toEqual([null, ['setosa', 'virginica']]);
  });

  it('obeys label by name and position, separator, header and classes of the spec', async () => {
    const text = 'kind;a;b\nx;1;2\nz;3;4\n';
    expect((await readAll({ ...csv(text), labels: 'kind' }, { classes: ['z', 'y', 'x'] })).y).toEqual([2, 0]);
    expect((await readAll({ ...csv(text), labels: 0 })).y).toEqual([0, 1]);
    expect((await readAll({ ...csv(text), labels: -3 })).x).toEqual([1, 2, 3, 4]);
    expect((await readAll({ ...csv('1\t2\t0\n3\t4\t1\n'), header: false })).y).toEqual([0, 1]);
  });

  it('reads quotes, a byte-order mark, Windows line ends and empty lines', async () => {
    const { x, y } = await readAll(csv('\ufeff"a","label"\r\n"1","no, not ""that"""\r\n\r\n2,yes\r\n'));
    expect([x, y]).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });

  it('reads rows of 784 grey levels as images', async () => {
    const row = (label: number) => [label, ...Array.from({ length: 784 }, (_, i) => i % 256)].join(',');
    const { data, x } = await readAll({ ...csv(`${row(1)}\n${row(0)}\n`), labels: 0 });
    expect(data).toMatchObject({ kind: 'image', shape: [1, 28, 28], unit: 255, range: [0, 1] });
    expect(x[255]).toBe(1);
  });

  it('gives any table of numbers back', async () => {
    const cell = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, fc.nat(9)), { minLength: 1, maxLength: 20 }), async (table) => {
        const { x, y } = await readAll({ ...csv(table.map((row) => row.join(',')).join('\n')), header: false });
        expect(x).toEqual(table.flatMap((row) => row.slice(0, 2)));
        expect(y).toEqual(table.map(([, , label]) => label));
      }),
      { numRuns: 30 },
    );
  });
});

describe('hostile CSV', () => {
  it('names line and column of text where a number must be', async () => {
    await expectError(readAll(csv('a,b,label\n1,2,0\n3,oops,1\n')), 'data/csv-not-a-number', /Line 3 .*“oops”.*“b”/);
    await expectError(readAll(csv('a,b,label\n1,2,0\n\n3,,1\n')), 'data/csv-not-a-number', /Line 4 .*nothing.*“b”/);
    await expectError(readAll(csv('1,2,0\n1,0x10,0\n')), 'data/csv-not-a-number', /column 2/);
    await expectError(readAll(csv('1,2,0\n1,NaN,0\n')), 'data/csv-not-a-number');
    await expectError(readAll(csv('1,2,0\n1,1e999,0\n')), 'data/not-finite');
  });

  it('refuses ragged rows, open quotes and emptiness', async () => {
    await expectError(readAll(csv('a,b\n1,0\n1,2,0\n')), 'data/csv-ragged', /Line 3/);
    await expectError(readAll(csv('a,b\n1,"0\n1,0\n')), 'data/csv-syntax');
    await expectError(readAll(csv('')), 'data/empty');
    await expectError(readAll({ ...csv('a,label\n'), header: true }), 'data/empty');
    await expectError(readAll(csv('label\n1\n2\n')), 'data/layout');
  });

  it('refuses labels that are no classes', async () => {
    await expectError(readAll(csv('1,0.5\n1,0.25\n')), 'data/label-not-class');
    await expectError(readAll(csv('a,y\n1,-1\n')), 'data/label-out-of-range');
    await expectError(readAll(csv('a,y\n1,0\n2,3\n'), { classes: ['a', 'b'] }), 'data/label-out-of-range', /line 3/);
    await expectError(readAll(csv('a,y\n1,dog\n'), { classes: ['cat'] }), 'data/label-out-of-range', /“dog”/);
    await expectError(readAll({ ...csv('a,y\n1,0\n'), labels: 'z' }), 'data/no-such-column');
    await expectError(readAll({ ...csv('a,y\n1,0\n'), labels: 7 }), 'data/no-such-column');
  });

  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const path = write(folder, 'random.csv', bytes);
        await readAll({ path }).catch((error: { code?: string }) => expect(error.code).toMatch(/^data\//));
      }),
      { numRuns: 100 },
    );
  });
});
