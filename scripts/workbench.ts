// npm start's last step: the packaged extension, in a real VS Code, in the browser.
// With --dev, the extension as it is built in dist/: rebuild, reload the page, and see the change.
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { currentVsix } from './packaging/current';
import { address } from './rig/launch';
import { repositoryRoot } from './rig/paths';
import { say } from './rig/run';
import { serve } from './rig/serve';

const { values, positionals } = parseArgs({
  options: { port: { type: 'string', default: '0' }, dev: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const folder = resolve(positionals[0] ?? repositoryRoot);
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`--port ${values.port} is no port. Give a number from 1 to 65535, or leave it out for a free one.`);
  process.exit(2);
}

const packaged = values.dev ? {} : { vsix: await currentVsix() };
// Settings and extensions are those of this checkout; a first start and a tenth look the same.
const dataFolder = join(repositoryRoot, 'out/workbench');
rmSync(join(dataFolder, 'extensions'), { recursive: true, force: true });
say('Starting VS Code …');
const server = await serve({ port, folder, dataFolder, ...packaged });

const url = values.dev ? address(server, { folder, extension: repositoryRoot }) : `http://${server.host}/`;
console.log(`\n  Robustness Inspector in VS Code:  ${url}\n`);
console.log(`  Open the address, right-click models/plain.onnx and choose “Inspect Robustness”.`);
console.log('  Ctrl-C ends it.\n');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
