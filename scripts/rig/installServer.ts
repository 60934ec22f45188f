import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheFolder } from './paths';
import { npm, run, say } from './run';

/** The npm package whose `lib/vscode` is a whole VS Code server with the web workbench: VS Code 1.139.1. */
const version = '4.139.1';
const integrity = 'fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==';

/**
 * Installs the VS Code server in the cache folder, once.
 * Works in a temporary folder beside its place and moves it there whole, so an interrupted install leaves nothing half done
 * and two installs at once do not meet.
 * @returns the folder that holds `out/server-main.js`
 */
export async function installServer(): Promise<string> {
  const cache = cacheFolder();
  const target = join(cache, `vscode-server-${version}`);
  const server = join(target, 'package/lib/vscode');
  if (await exists(join(target, 'complete'))) return server;

  await mkdir(cache, { recursive: true });
  const started = Date.now();
  const work = await mkdtemp(join(cache, 'installing-'));
  try {
    say(`Installing the VS Code server (code-server ${version}, about 600 MB) in ${target} …`);
    // An empty package keeps npm from walking up into somebody's project.
    await writeFile(join(work, 'package.json'), '{"private":true}');
    await npm(['pack', `code-server@${version}`, '--silent', '--pack-destination', work], { cwd: work });
    const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'));
    if (!archive) throw new Error('npm pack left no archive');
    await verify(join(work, archive));
    await run('tar', ['-xzf', archive, 'package/lib/vscode', 'package/LICENSE', 'package/ThirdPartyNotices.txt'], {
      cwd: work,
    });
    await rm(join(work, archive));
    // The shrinkwrap files in there pin these with their hashes. Scripts would compile native loggers nobody needs.
    const install = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const fresh = join(work, 'package/lib/vscode');
    await npm(install, { cwd: fresh });
    await npm(install, { cwd: join(fresh, 'extensions') });
    await writeFile(join(work, 'complete'), `${version}\n`);
    await rename(work, target).catch(async (error) => {
      // Somebody else was first.
      if (!(await exists(join(target, 'complete')))) throw error;
    });
    say(`Installed the VS Code server in ${Math.round((Date.now() - started) / 1000)} s.`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return server;
}

async function verify(path: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('base64');
  if (found !== integrity) throw new Error(`code-server ${version}: SHA-512 is ${found}, expected ${integrity}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
