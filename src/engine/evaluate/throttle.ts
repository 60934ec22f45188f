/**
 * Lets something expensive happen at most every `interval` milliseconds, and never for more than a tenth of the time:
 * large reports are assembled and written less often.
 */
export class Throttle {
  private next = 0;

  constructor(
    private readonly interval: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Runs `action` if its turn has come. */
  async run(action: () => Promise<void>): Promise<void> {
    const start = this.now();
    if (start < this.next) return;
    await action();
    const end = this.now();
    this.next = end + Math.max(this.interval, 9 * (end - start));
  }
}
