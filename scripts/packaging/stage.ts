import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/paths';
import { run } from '../rig/run';
import { notices } from './notices';
import { type Target, targets } from './targets';

/** What ships as it is in the repository. */
const shipped = ['docs/rules', 'schemas', 'media', 'package.nls.json', 'l10n', '.vscodeignore'];
const documents = ['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md'];

/** Fields of the manifest that mean something to npm alone, and would mislead in a VSIX. */
const npmFields = ['scripts', 'devDependencies', 'dependencies', 'allowScripts', 'private', 'bin'];

/** Providers for graphics cards weigh hundreds of megabytes; evaluation runs on the processor. */
const heavyProvider = /cuda|tensorrt/i;

/**
 * Lays out what one platform's VSIX holds.
 * ONNX Runtime goes to `dist/node_modules`, where `require` finds it from the bundles beside it, and where no package manager
 * has a say.
 * @param folder is emptied first
 * @returns the folder
 */
export async function stage(target: Target, folder = join(repositoryRoot, 'out/stage', target)): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run(process.execPath, ['esbuild.mjs', '--production', `--out=${join(folder, 'dist')}`], {
    cwd: repositoryRoot,
  });
  for (const path of [...shipped, ...documents]) await copy(path, folder);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
  await stageRuntime(target, join(folder, 'dist/node_modules'));
  await writeFile(join(folder, 'ThirdPartyNotices.txt'), await notices());
  return folder;
}

async function copy(path: string, folder: string): Promise<void> {
  await cp(join(repositoryRoot, path), join(folder, path), { recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      // `l10n` is there once there is a translation.
      if (error.code !== 'ENOENT' || path !== 'l10n') throw error;
    },
  );
}

async function manifest(): Promise<Record<string, unknown>> {
  const all = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(all).filter(([name]) => !npmFields.includes(name)));
}

/** ONNX Runtime's loader and one platform's binary. */
async function stageRuntime(target: Target, modules: string): Promise<void> {
  const { platform, arch } = targets[target];
  const source = join(repositoryRoot, 'node_modules');
  const loader = await scripts(join(source, 'onnxruntime-node/dist'));
  const common = await scripts(join(source, 'onnxruntime-common/dist/cjs'));
  const binaries = `onnxruntime-node/bin/napi-v6/${platform}/${arch}`;
  const libraries = (await readdir(join(source, binaries))).filter((name) => !heavyProvider.test(name));
  const files = [
    'onnxruntime-node/package.json',
    'onnxruntime-common/package.json',
    'onnxruntime-common/dist/cjs/package.json',
    ...loader.map((name) => `onnxruntime-node/dist/${name}`),
    ...common.map((name) => `onnxruntime-common/dist/cjs/${name}`),
    ...libraries.map((name) => `${binaries}/${name}`),
  ];
  for (const file of files) await cp(join(source, file), join(modules, file));
  if (!libraries.includes('onnxruntime_binding.node')) throw new Error(`${binaries} holds no onnxruntime_binding.node`);
}

async function scripts(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.js'));
}
