/** Milliseconds of CPU that a call takes in this process: unlike the clock, it does not count what other programs do. */
export function cpuTime(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
