import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stage } from '../../../scripts/packaging/stage';
import { parseTarget, type Target, targets } from '../../../scripts/packaging/targets';

const native = /\.(node|dll|dylib|so)(\.|$)/;

describe.each<Target>(['linux-x64', 'win32-arm64'])('what ships for %s', (target) => {
  let folder = '';
  let files: string[] = [];
  beforeAll(async () => {
    folder = await stage(target, await mkdtemp(join(tmpdir(), 'robustness-stage-')));
    files = await listFiles({ cwd: folder, packageManager: PackageManager.None });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has all that the extension needs', () => {
    const needed = ['package.json', 'package.nls.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'NOTICE'];
    needed.push('ThirdPartyNotices.txt', 'media/icon.png', 'media/robustness.svg');
    needed.push('schemas/report.schema.json', 'schemas/robustness.schema.json');
    needed.push(
      ...[
        'extension.cjs',
        'worker.cjs',
        'cli.cjs',
        'webview/report.js',
        'webview/compare.js',
        'webview/compare.css',
      ].map((name) => `dist/${name}`),
    );
    needed.push('dist/node_modules/onnxruntime-node/dist/index.js');
    needed.push('dist/node_modules/onnxruntime-common/dist/cjs/index.js');
    expect(needed.filter((name) => !files.includes(name))).toEqual([]);
    expect(files.some((name) => name.startsWith('docs/rules/pitfalls/'))).toBe(true);
    expect(files.some((name) => name.startsWith('docs/rules/claims/'))).toBe(true);
  });

  it('has the native files of this platform, and of no other', () => {
    const { platform, arch } = targets[target];
    const binaries = files.filter((name) => native.test(name));
    const place = `dist/node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/`;
    expect(binaries).toContain(`${place}onnxruntime_binding.node`);
    expect(binaries.filter((name) => !name.startsWith(place))).toEqual([]);
    expect(binaries.filter((name) => /cuda|tensorrt/i.test(name))).toEqual([]);
  });

  it('has no sources, tests, samples, source maps or tools', () => {
    const kinds = /\.(ts|map|npz|onnx|vsix)$|(^|\/)(src|test|samples|scripts|out|bench|node_modules\/(?!onnxruntime-))/;
    expect(files.filter((name) => kinds.test(name))).toEqual([]);
  });

  it('has a manifest without what is npm’s', async () => {
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ main: './dist/extension.cjs', publisher: 'robustness-inspector' });
    for (const field of ['dependencies', 'devDependencies', 'scripts', 'private'])
      expect(manifest).not.toHaveProperty(field);
  });

  it('names every bundled package in the notices', async () => {
    const text = await readFile(join(folder, 'ThirdPartyNotices.txt'), 'utf8');
    for (const name of [
      'onnxruntime-node',
      'onnxruntime-common',
      'chart.js',
      'zod',
      '@lezer/markdown',
      'htmlparser2',
    ]) {
      expect(text).toMatch(new RegExp(`^${name.replace('.', '\\.')} \\d`, 'm'));
    }
  });
});

describe('targets', () => {
  it.each(['darwin-x64', 'alpine-x64', 'linux-armhf', 'toString', ''])('refuses %j, which has no binary', (text) => {
    expect(() => parseTarget(text)).toThrow(/no binary for/);
  });
});
