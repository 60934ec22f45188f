// npm run package [-- --target linux-x64 | --all]: one VSIX a platform, in out/.
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { parseTarget, type Target, targets, thisMachine } from './packaging/targets';
import { packageVsix } from './packaging/vsix';
import { repositoryRoot } from './rig/paths';

const { values } = parseArgs({ options: { target: { type: 'string' }, all: { type: 'boolean', default: false } } });
const chosen = values.all
  ? (Object.keys(targets) as Target[])
  : [values.target ? parseTarget(values.target) : thisMachine()];
for (const target of chosen) {
  const { path, bytes } = await packageVsix(target);
  console.log(`${relative(repositoryRoot, path)}  ${(bytes / 1e6).toFixed(1)} MB`);
}
