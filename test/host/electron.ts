// The same suite in a desktop VS Code: VSCODE_EXECUTABLE=/path/to/code npm run test:host:desktop
import { runTests } from '@vscode/test-electron';
import { buildHostSuite, hostResults } from '../../scripts/rig/hostSuite';
import { repositoryRoot } from '../../scripts/rig/paths';
import { copySample } from '../../scripts/rig/sample';

const executable = process.env.VSCODE_EXECUTABLE;
if (!executable) {
  console.error('Set VSCODE_EXECUTABLE to the program of an installed VS Code; nothing is downloaded.');
  process.exit(2);
}
const extensionTestsPath = await buildHostSuite();
const workspace = await copySample();
try {
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: repositoryRoot,
    extensionTestsPath,
    launchArgs: [workspace.folder, '--disable-extensions'],
    extensionTestsEnv: { ROBUSTNESS_HOST_RESULTS: hostResults },
  });
} finally {
  await workspace.remove();
}
