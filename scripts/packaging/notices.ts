import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/paths';

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

/** Packages that only an install script of ONNX Runtime's uses, which does not ship. */
const installOnly = new Set(['adm-zip', 'global-agent']);

/** The licences of all that is bundled: every dependency that is not for development, by the lock file. */
export async function notices(): Promise<string> {
  const lock = JSON.parse(await readFile(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const sections: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (path === '' || entry.dev || entry.optional || installOnly.has(name)) continue;
    const text = await licenceText(join(repositoryRoot, path));
    sections.push(`${name} ${entry.version ?? ''} (${entry.license ?? 'no licence stated'})\n\n${text}`);
  }
  const rule = `\n\n${'='.repeat(80)}\n\n`;
  return `Robustness Inspector includes the following software.${rule}${sections.join(rule)}\n`;
}

async function licenceText(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const name = names.find((candidate) => /^(licen[cs]e|copying)(\.|$|-)/i.test(candidate));
  return name ? (await readFile(join(folder, name), 'utf8')).trim() : 'Its package carries no licence text.';
}
