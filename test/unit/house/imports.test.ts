import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** Where a relative one leads, from the root; else the package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const statement =
  /^\s*(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm;

function imports(folder: string): Import[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.flatMap((name) => {
    const file = join(folder, name);
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(statement)].map((match) => {
      const specifier = (match[3] ?? match[4]) as string;
      const target = specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier;
      return { file, specifier, target, typeOnly: match[2] !== undefined };
    });
  });
}

const show = (found: readonly Import[]) => found.map(({ file, specifier }) => `${file} imports ${specifier}`);
const into =
  (...folders: readonly string[]) =>
  (found: Import) =>
    folders.some((folder) => found.target === folder || found.target.startsWith(`${folder}/`));

describe('imports point one way', () => {
  it('reads imports at all', () => {
    expect(imports('src/vscode').some(({ target }) => target === 'vscode')).toBe(true);
    expect(imports('src/engine').some(({ typeOnly }) => typeOnly)).toBe(true);
  });

  it.each([
    ['src/engine', ['src/claim', 'src/worker', 'src/cli', 'src/vscode', 'webview', 'vscode']],
    ['src/claim', ['src/worker', 'src/cli', 'src/vscode', 'webview', 'vscode']],
    ['src/worker', ['src/cli', 'src/vscode', 'webview', 'vscode']],
    ['src/cli', ['src/vscode', 'webview', 'vscode']],
    ['src/vscode', ['src/cli', 'webview']],
    ['src', ['test', 'scripts', 'bench']],
  ])('%s imports none of %j', (folder, forbidden) => {
    expect(show(imports(folder).filter(into(...forbidden)))).toEqual([]);
  });

  it('the webview takes types alone from src', () => {
    expect(show(imports('webview').filter((found) => into('src')(found) && !found.typeOnly))).toEqual([]);
  });

  it('one file imports ONNX Runtime', () => {
    const found = imports('src').filter(({ target, typeOnly }) => target === 'onnxruntime-node' && !typeOnly);
    expect([...new Set(found.map(({ file }) => file))]).toEqual([join('src', 'engine', 'runtime.ts')]);
  });

  it('the extension host loads neither the runtime nor the charts', () => {
    expect(show(imports('src/vscode').filter(into('src/engine/runtime', 'src/engine/oracle', 'chart.js')))).toEqual([]);
  });

  it('one file imports the webview toolkit', () => {
    const found = imports('webview').filter(into('@vscode/webview-ui-toolkit'));
    expect([...new Set(found.map(({ file }) => file))]).toEqual([join('webview', 'ui.ts')]);
  });
});
