import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run';
import type { Report } from '../../../src/engine/report/schema';
import { reportBase } from '../../fixtures/reportBase';
import { reportRunning } from '../../fixtures/reportRich';

const home = process.cwd();
const model = 'weights';
let folder: string;
let outside: string;

async function robustness(...argv: string[]) {
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    columns: 80,
  });
  return { code, out, err };
}

const put = (path: string, text: string) => writeFile(join(folder, path), text);
const readme = () => readFile(join(folder, 'README.md'), 'utf8');
const putReport = (change: (report: Report) => void = () => {}, name = 'net') =>
  put(
    `.robustness/${name}.robustness.json`,
    JSON.stringify(
      reportBase((report) => {
        report.model.path = 'net.onnx';
        report.model.sha256 = createHash('sha256').update(model).digest('hex');
        change(report);
      }),
    ),
  );

const begin = '<!-- robustness:begin report=.robustness/net.robustness.json -->';
const end = '<!-- robustness:end -->';
const text = `# Net\r\n\r\nA 🦾 network.\r\n\r\n${begin}\r\n${end}\r\n\r\nThe end.\r\n`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'robustness-block-'));
  outside = await mkdtemp(join(tmpdir(), 'robustness-outside-'));
  await mkdir(join(folder, '.git'));
  await mkdir(join(folder, '.robustness'));
  await put('net.onnx', model);
  await putReport();
  await put('README.md', text);
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
  await rm(outside, { recursive: true });
});

describe('robustness block', () => {
  it('fills a block, then finds nothing to do; what stands around it stays', async () => {
    expect(await robustness('block', '.', '--check')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^README\.md:5: empty /),
    });
    expect(await readme()).toBe(text);
    expect(await robustness('block', 'README.md')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^README\.md:5: filled /),
    });
    const filled = await readme();
    expect(filled).toContain('| `net.onnx` | linf ε = 8/255, white-box | 85.0 %');
    expect(filled.slice(0, text.indexOf(begin))).toBe(text.slice(0, text.indexOf(begin)));
    expect(filled.endsWith('<!-- robustness:end -->\r\n\r\nThe end.\r\n')).toBe(true);
    expect(await robustness('block', '.', '--check')).toMatchObject({
      code: 0,
      err: '1 evidence block, 0 not up to date.\n',
    });
    expect(await robustness('block', '.')).toMatchObject({ code: 0 });
    expect(await readme()).toBe(filled);
  });

  it('notices a report that changed, a hand that did, and a model that is another', async () => {
    await robustness('block', '.');
    await putReport((report) => {
      report.clean!.accuracy.value = 0.7;
    });
    expect(await robustness('block', '.', '--check')).toMatchObject({
      code: 1,
      out: expect.stringContaining('out of date'),
    });
    await robustness('block', '.');
    await put('README.md', (await readme()).replace('≤ 48.0 %', '≤ 84.0 %'));
    expect(await robustness('block', '.', '--check')).toMatchObject({
      code: 1,
      out: expect.stringContaining('edited by hand'),
    });
    await robustness('block', '.');
    await put('net.onnx', 'other weights');
    const { code, out } = await robustness('block', '.', '--check', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      {
        path: 'README.md',
        line: 5,
        state: 'stale',
        refreshed: false,
        error: null,
        report: '.robustness/net.robustness.json',
      },
    ]);
  });

  it('takes the only report where the marker names none, and asks where there are several', async () => {
    await put('README.md', text.replace(' report=.robustness/net.robustness.json', ''));
    expect(await robustness('block', '.')).toMatchObject({ code: 0 });
    expect(await readme()).toContain('report=.robustness/net.robustness.json digest=');
    await putReport(() => {}, 'other');
    await put('README.md', text.replace(' report=.robustness/net.robustness.json', ''));
    expect(await robustness('block', '.')).toMatchObject({
      code: 2,
      out: expect.stringContaining('Write report=PATH'),
    });
  });

  it.each<[string, string, RegExp]>([
    ['a marker without its other half', begin, /is not closed/],
    ['a report that is not there', `${begin.replace('net.', 'none.')}\n${end}`, /cannot be read/],
    [
      'a report outside the repository',
      `${begin.replace('.robustness/net', '../net')}\n${end}`,
      /does not lie in the repository/,
    ],
    ['an absolute path', `${begin.replace('.robustness/net', '/etc/net')}\n${end}`, /does not lie in the repository/],
    [
      'a link that leads out',
      `${begin.replace('.robustness/net', 'out/net')}\n${end}`,
      /does not lie in the repository/,
    ],
    ['an evaluation that has not ended', `${begin.replace('net.', 'running.')}\n${end}`, /not been completed/],
    [
      'a file that is no report',
      `${begin.replace('.robustness/net.robustness.json', 'README.md')}\n${end}`,
      /not valid JSON/,
    ],
  ])('writes nothing for %s, and says what is wrong', async (_, markers, message) => {
    await put('.robustness/running.robustness.json', JSON.stringify(reportRunning()));
    await writeFile(join(outside, 'net.robustness.json'), JSON.stringify(reportBase()));
    await symlink(outside, join(folder, 'out'));
    await put('README.md', `${markers}\n`);
    const { code, out } = await robustness('block', 'README.md');
    expect(code).toBe(2);
    expect(out).toMatch(message);
    expect(await readme()).toBe(`${markers}\n`);
  });

  it('refuses files in which no table can stand, and passes them by in a folder', async () => {
    const notebook = JSON.stringify({ cells: [{ cell_type: 'markdown', source: [begin, end] }], nbformat: 4 });
    await put('a.ipynb', notebook);
    expect(await robustness('block', 'a.ipynb')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no document'),
    });
    await put('README.md', 'Nothing.\n');
    expect(await robustness('block', '.')).toMatchObject({
      code: 0,
      err: '0 evidence blocks, 0 not up to date before.\n',
    });
  });
});
