import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/run';

const vague = 'Our model is robust to adversarial attacks.\n';
const fine = 'The server writes a log.\n';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'check-')));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function put(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function check(...args: string[]): Promise<{ code: number; out: string; err: string; paths: string[] }> {
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  let out = '';
  let err = '';
  const terminal = {
    out(text: string) {
      out += text;
    },
    err(text: string) {
      err += text;
    },
    interactive: false,
    columns: 80,
  };
  const code = await runCli(['check', ...args], terminal);
  const paths =
    args.includes('json') && out.startsWith('[') ? (JSON.parse(out) as { path: string }[]).map(({ path }) => path) : [];
  return { code, out, err, paths };
}

const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });

describe('robustness check finds', () => {
  it('the documents of folders, globs and files, each once, in the order of their paths', async () => {
    await put({
      'b.md': vague,
      'docs/a.md': vague,
      'docs/deep/c.markdown': vague,
      'main.c': vague,
      'node_modules/x.md': vague,
    });
    await put({ '.hidden/x.md': vague, 'build/x.md': vague });
    expect((await check('.', '--format', 'json')).paths).toEqual(['b.md', 'docs/a.md', 'docs/deep/c.markdown']);
    expect((await check('docs', 'docs/a.md', 'b.md', '--format', 'json')).paths).toHaveLength(3);
    expect((await check('docs/**/*.markdown', '*.md', '--format', 'json')).paths).toEqual([
      'b.md',
      'docs/deep/c.markdown',
    ]);
    // What is named is checked, whatever its name is.
    expect((await check('main.c', 'build/x.md', '--format', 'json')).paths).toEqual(['build/x.md', 'main.c']);
  });

  it('what git does not ignore, of a work tree', async () => {
    await put({
      '.gitignore': 'drafts/\n',
      'a.md': vague,
      'drafts/b.md': vague,
      'build/c.md': vague,
      'gone.md': vague,
    });
    git('init', '-q');
    git('add', '.');
    await rm(join(folder, 'gone.md'));
    await put({ 'new.md': vague });
    expect((await check('.', '--format', 'json')).paths).toEqual(['a.md', 'build/c.md', 'new.md']);
    expect((await check('drafts/b.md', '--format', 'json')).paths).toEqual(['drafts/b.md']);
  });

  it('what a spec includes and not what it excludes', async () => {
    await put({
      'robustness.yaml':
        'model: net.onnx\ndata: {test: {path: x.npz}}\nclaims: {include: ["src/**/*.py"], exclude: ["old/**"]}\n',
      'README.md': vague,
      'old/README.md': vague,
      'src/a.py': `"""${vague}"""\n`,
      'lib/b.py': `"""${vague}"""\n`,
    });
    git('init', '-q');
    expect((await check('.', '--format', 'json')).paths).toEqual(['README.md', 'src/a.py']);
    expect((await check('old/README.md', '--format', 'json')).paths).toEqual(['old/README.md']);
  });

  it('no document through a link, and the others where one cannot be read', async () => {
    await put({
      'a.md': vague,
      'picture.md': Buffer.from([137, 80, 78, 71, 0, 1]),
      'utf16.md': Buffer.from(vague, 'utf16le'),
    });
    await symlink(join(folder, 'a.md'), join(folder, 'link.md'));
    await put({ 'secret.md': vague });
    await chmod(join(folder, 'secret.md'), 0);
    const { code, err, out } = await check('.');
    // Not 1: what was not read may hold anything.
    expect(code).toBe(2);
    expect(out).toContain('a.md:1:1:');
    expect(out).not.toContain('link.md');
    expect(err).toContain('picture.md: not a text in UTF-8; not checked.');
    expect(err).toContain('utf16.md: not a text in UTF-8; not checked.');
    expect((await check('a.md')).code).toBe(1);
    expect((await check('picture.md')).code).toBe(2);
    // Root reads everything.
    if (process.getuid?.() !== 0) expect(err).toContain('secret.md: cannot be read (EACCES); not checked.');
  });

  it('nothing where there is nothing, and says so', async () => {
    await put({ 'a.txt': fine });
    expect(await check('*.rst')).toMatchObject({ code: 2, err: expect.stringContaining('No document matches') });
    expect(await check('none')).toMatchObject({ code: 2, err: expect.stringContaining('nothing at none') });
    expect(await check()).toMatchObject({ code: 2, err: expect.stringContaining('Usage: robustness check') });
  });
});

describe('robustness check', () => {
  it('counts columns without a byte order mark', async () => {
    await put({ 'a.md': `\ufeff${vague}` });
    expect((await check('a.md')).out).toMatch(/^a\.md:1:1: /);
  });

  it('reads standard input as the file that it is named', async () => {
    await put({ 'docs/a.md': fine });
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([vague]) as unknown as typeof process.stdin);
    const { code, paths } = await check('--stdin', '--stdin-filename', 'docs/a.md', '--format', 'json');
    expect({ code, paths }).toEqual({ code: 1, paths: ['docs/a.md'] });
    expect((await check('--stdin', 'a.md')).code).toBe(2);
  });

  it('fails by what --severity and --max-warnings say', async () => {
    await put({ 'a.md': vague, 'fine.md': fine });
    const warnings = (await check('a.md')).out.split('\n').filter((line) => line.includes(': warning ')).length;
    expect(warnings).toBeGreaterThan(0);
    expect((await check('a.md', '--severity', 'error')).code).toBe(0);
    expect((await check('a.md', '--severity', 'warning')).code).toBe(1);
    expect((await check('fine.md', '--severity', 'info')).code).toBe(0);
    expect((await check('a.md', '--max-warnings', String(warnings))).code).toBe(0);
    expect((await check('a.md', '--max-warnings', String(warnings - 1))).code).toBe(1);
    expect((await check('a.md', '--max-warnings', 'some')).code).toBe(2);
  });

  it('prints errors alone with --quiet, and fails as it would without', async () => {
    await put({ 'a.md': vague });
    expect(await check('a.md', '--quiet')).toEqual({ code: 1, out: '', err: '', paths: [] });
  });
});
