// npm run test:host [-- PART]: test/host inside the extension host of a real VS Code that has the packaged extension installed;
// of those whose names have PART in them, if it is given.
import { currentVsix } from './packaging/current';
import { buildHostSuite, hostResults, placeholderExtension, readHostResults } from './rig/hostSuite';
import { launch } from './rig/launch';
import { copySample } from './rig/sample';

/** A host that does not come up must not hold a build for ever. */
const limit = 10 * 60_000;

const vsix = await currentVsix();
const tests = await buildHostSuite(process.argv[2]);
const extension = await placeholderExtension();
const workspace = await copySample();
let ended: (code: number | null) => void = () => {};
const exit = new Promise<number | null>((resolve) => {
  ended = resolve;
});
const timer = setTimeout(() => ended(null), limit);
const workbench = await launch({
  folder: workspace.folder,
  vsix,
  extension,
  tests,
  env: { ROBUSTNESS_HOST_RESULTS: hostResults },
  onExit: (code) => ended(code),
});
const code = await exit;
clearTimeout(timer);
const said = workbench.log.filter((line) => line.startsWith('host ') && line.includes('HOST '));
for (const line of said) console.log(line.replace(/^.*?HOST /, ''));
await workbench.close();
await workspace.remove();

const { passed, failed, skipped } = await readHostResults().catch((error: Error) => {
  console.log(error.message, code === null ? '(time limit)' : `(exit code ${code})`);
  console.log(workbench.log.slice(-40).join('\n'));
  return { passed: 0, failed: 1, skipped: 0 };
});
console.log(`host: ${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 || code !== 0 ? 1 : 0);
