import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { thisMachine } from '../../scripts/packaging/targets';
import { nodeBinary, repositoryRoot } from '../../scripts/rig/paths';
import { run } from '../../scripts/rig/run';
import { type Report, reportSchema } from '../../src/engine/report/schema';

/** The finished reports of a workspace. A file that is being written is no report yet. */
export async function finishedReports(folder: string): Promise<Report[]> {
  const place = join(folder, '.robustness');
  const names = (await readdir(place).catch(() => [])).filter((name) => name.endsWith('.robustness.json'));
  const texts = await Promise.all(names.sort().map((name) => readFile(join(place, name), 'utf8')));
  const parsed = texts.map((text) => {
    try {
      return reportSchema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  });
  return parsed.filter((report) => report?.status.state === 'complete') as Report[];
}

/** Evaluates a workspace's spec by the command line that ships in the VSIX, with the binary that ships in it. */
export async function evaluate(folder: string): Promise<void> {
  const cli = join(repositoryRoot, 'out/stage', thisMachine(), 'dist/cli.cjs');
  await run(nodeBinary(), [cli, 'evaluate', 'robustness.yaml'], { cwd: folder });
}
