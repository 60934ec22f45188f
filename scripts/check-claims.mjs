#!/usr/bin/env node
import { join } from 'node:path';
// check-claims.mjs ARGUMENTS OF `robustness check`: for hooks and continuous integration, from a fresh clone of this repository.
import { fileURLToPath } from 'node:url';
import { ensureBuild, ensureDependencies, root, run } from './setup.mjs';

if (process.env.ROBUSTNESS_SET_UP === '1') {
  await ensureDependencies();
  await ensureBuild();
} else {
  // What the set-up prints is no result: it goes to standard error.
  const self = fileURLToPath(import.meta.url);
  const ready = await run(process.execPath, [self], {
    env: { ...process.env, ROBUSTNESS_SET_UP: '1' },
    stdio: ['ignore', 2, 2],
    shell: false,
  });
  if (ready !== 0) process.exit(ready);
  const { ROBUSTNESS_SET_UP: _, ...env } = process.env;
  process.exitCode = await run(process.execPath, [join(root, 'dist/cli.cjs'), 'check', ...process.argv.slice(2)], {
    cwd: process.cwd(),
    env,
    shell: false,
  });
}
