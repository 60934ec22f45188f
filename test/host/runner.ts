import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/**
 * Runs the suites inside the extension host that loaded this module: the rig's, or a desktop VS Code's.
 * Counts go to the file that `ROBUSTNESS_HOST_RESULTS` names, since the host's console is full of other voices.
 * @throws Error if a test failed, or if there was none
 */
export async function runSuite(load: readonly (() => Promise<unknown>)[]): Promise<void> {
  // Mocha's own reporters write to the standard output, which an extension host does not show.
  class Silent {}
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: Silent as unknown as Mocha.ReporterConstructor });
  mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, '', mocha);
  for (const suite of load) await suite();

  let passed = 0;
  let skipped = 0;
  const failures: string[] = [];
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) => {
      passed += 1;
      console.log(`HOST ✓ ${test.fullTitle()} (${test.duration} ms)`);
    });
    runner.on('pending', (test) => {
      skipped += 1;
      console.log(`HOST - ${test.fullTitle()}`);
    });
    runner.on('fail', (test, error) => {
      failures.push(test.fullTitle());
      console.log(`HOST ✗ ${test.fullTitle()}\n${error.stack ?? error.message}`);
    });
  });
  const results = process.env.ROBUSTNESS_HOST_RESULTS;
  if (results) writeFileSync(results, JSON.stringify({ passed, failed: failures.length, skipped }));
  if (failures.length > 0) throw new Error(`${failures.length} failed: ${failures.join('; ')}`);
  if (passed === 0) throw new Error('No test ran.');
}
