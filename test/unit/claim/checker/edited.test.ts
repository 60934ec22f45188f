import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDocument } from '../../../../bench/documents';
import { checkDocument } from '../../../../src/claim/check';
import { ClaimChecker } from '../../../../src/claim/checker/checker';
import { changeOfClaims, withChange } from '../../../../src/claim/checker/claimsDelta';
import { countLines, EditedText, type TextChange, withChanges } from '../../../../src/claim/checker/editedText';
import { emptyEvidence } from '../../../../src/claim/evidence';
import type { Claim } from '../../../../src/claim/types';
import { index, report } from '../evidence';
import { soup } from '../soup';

let folder: string;
let checker: ClaimChecker;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edited-'));
  const worker = join(folder, 'claimWorker.cjs');
  await build({
    entryPoints: ['src/claim/checker/worker.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: worker,
    external: ['onnxruntime-node'],
    logLevel: 'warning',
  });
  checker = new ClaimChecker({ worker, threads: 1 });
});
afterAll(async () => {
  checker.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** A document of an editor. */
class Open {
  /** How often its whole text was asked for. */
  whole = 0;
  readonly edited = new EditedText(
    () => {
      this.whole++;
      return this.text;
    },
    () => countLines(this.text),
  );

  constructor(public text: string) {}

  edit(...changes: TextChange[]): void {
    this.text = withChanges(this.text, changes);
    this.edited.changed(changes);
  }

  check(evidence = emptyEvidence): Promise<Claim[] | null> {
    return checker.check(this.edited, 'a.md', evidence, { remember: true, urgent: true });
  }
}

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat({ max: 300 })),
  insert: fc.oneof(
    fc.constantFrom('', ' not', '\n', '\n\n', '62 %', '\r\n', '\r', '🦾', '# Limitations\n\n'),
    fc.constantFrom('Our model is robust to noise. ', '<!-- robustness-disable-next-line -- why -->\n'),
    fc.nat().map((seed) => soup(seed, 5)),
  ),
  checked: fc.boolean(),
});

describe('a document that is edited', () => {
  it('has the claims of its whole text after every edit', async () => {
    const evidence = index(report());
    let found = 0;
    const document = fc.tuple(fc.nat(50), fc.constantFrom('learning', 'claims'));
    await fc.assert(
      fc.asyncProperty(document, fc.array(edit, { minLength: 1, maxLength: 8 }), async ([seed, flavour], edits) => {
        const open = new Open(generateDocument(seed, flavour as 'learning' | 'claims', 40));
        await open.check(evidence);
        for (const { at, remove, insert, checked } of edits) {
          const offset = Math.floor(at * open.text.length);
          open.edit({ offset, length: Math.min(remove, open.text.length - offset), text: insert });
          if (!checked) continue;
          const claims = await open.check(evidence);
          expect(claims).toEqual(checkDocument(open.text, 'a.md', evidence));
          found += claims?.length ?? 0;
        }
        expect(open.whole).toBe(1);
        checker.close(open.edited);
      }),
      { numRuns: 40 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it('is sent once, and claims that stay are the same objects', async () => {
    const open = new Open(generateDocument(4, 'claims', 400));
    const before = await open.check();
    const middle = before![Math.floor(before!.length / 2)]!.text;
    open.edit({ offset: open.text.indexOf(middle) + middle.indexOf(' '), length: 0, text: ' indeed' });
    const after = (await open.check())!;
    expect(open.whole).toBe(1);
    const same = new Set(before);
    const other = after.filter((claim) => !same.has(claim));
    expect(other.length).toBeGreaterThan(0);
    expect(other.length).toBeLessThan(8);
    open.edit({ offset: 0, length: 0, text: '\n' });
    expect((await open.check())?.map(({ line }) => line)).toEqual(after.map(({ line }) => line + 1));
  });

  it('is sent whole again where a change was lost, and after more changes than anybody types', async () => {
    const open = new Open(generateDocument(5, 'claims', 60));
    await open.check();
    open.text = `# Lost\n\n${open.text}`;
    open.edit({ offset: 0, length: 0, text: 'Our model is robust. ' });
    const [first, second] = [open.check(), open.check()];
    expect(await first).toEqual(checkDocument(open.text, 'a.md', emptyEvidence));
    expect(await second).toEqual(await first);
    expect(open.whole).toBe(2);
    for (let i = 0; i < 600; i++) open.edit({ offset: 0, length: 0, text: 'x' });
    expect(await open.check()).toEqual(checkDocument(open.text, 'a.md', emptyEvidence));
    expect(open.whole).toBe(3);
  });

  it('is sent whole to the thread that takes the place of one that died, and where there are no threads', async () => {
    const worker = join(folder, 'mortal.cjs');
    await writeFile(
      worker,
      `require('node:worker_threads').parentPort.on('message', ({ task }) => task?.text === 'die' && process.exit(7));
       require('./claimWorker.cjs');`,
    );
    const mortal = new ClaimChecker({ worker, threads: 1 });
    const bare = new ClaimChecker({ worker: null, threads: 0 });
    const open = new Open(generateDocument(6, 'claims', 60));
    const expected = checkDocument(open.text, 'a.md', emptyEvidence);
    expect(await mortal.check(open.edited, 'a.md')).toEqual(expected);
    await expect(mortal.check('die', 'bad.md')).rejects.toThrow('bad.md died');
    expect(await mortal.check(open.edited, 'a.md')).toEqual(expected);
    expect(open.whole).toBe(2);
    expect(await bare.check(open.edited, 'a.md')).toEqual(expected);
    mortal.dispose();
    bare.dispose();
  });

  it('is forgotten when it is closed, and read again when it is asked for all the same', async () => {
    const open = new Open(generateDocument(7, 'claims', 60));
    const [first, again] = [open.check(), open.check()];
    checker.close(open.edited);
    expect(await again).toEqual(await first);
    expect(await first).toEqual(checkDocument(open.text, 'a.md', emptyEvidence));
  });
});

describe('the change of claims', () => {
  const claim = fc.record({
    word: fc.constantFrom('a', 'b'),
    line: fc.nat({ max: 3 }),
    rule: fc.constantFrom('x', 'y'),
  });
  const claims = fc.array(claim, { maxLength: 12 }).map((all) => {
    let line = 1;
    return all.map(({ word, line: down, rule }): Claim => {
      line += down;
      const place = { path: 'a.md', line, column: 1, endLine: line, endColumn: 2 };
      const rules = [{ rule, severity: 'error' as const, message: word }];
      return { ...place, text: word, kind: 'general', verdict: 'unsupported', rules, evidence: null, suppressed: null };
    });
  });

  it('makes of the one list the other, whatever they are', () => {
    fc.assert(
      fc.property(claims, claims, fc.integer({ min: -2, max: 5 }), (before, other, lines) => {
        const moved = before.map((each) => ({ ...each, line: each.line + lines, endLine: each.endLine + lines }));
        const [a, b] = [Math.floor(moved.length / 3), Math.floor((2 * moved.length) / 3)];
        for (const after of [other, moved, [...before.slice(0, a), ...other, ...moved.slice(b)]])
          expect(withChange(before, changeOfClaims(before, after))).toEqual(after);
      }),
    );
  });
});

describe('lines', () => {
  it.each([
    ['', 1],
    ['a\nb', 2],
    ['a\r\nb\r\n', 3],
    ['a\rb\r\r\n\n', 5],
  ])('of %j are counted as an editor counts them', (text, lines) => {
    expect(countLines(text)).toBe(lines);
  });
});
