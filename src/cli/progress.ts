import { duration } from '../engine/report/words';
import type { Progress } from '../worker/protocol';
import type { Terminal } from './command';

const barWidth = 24;
/** Without a terminal, at most one line in so many milliseconds. */
const lineInterval = 5000;

/** Progress on standard error: a bar that is redrawn on a terminal, lines elsewhere. */
export class ProgressView {
  private lastLine = Number.NEGATIVE_INFINITY;
  private drawn = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = () => performance.now(),
  ) {}

  show({ stage, done, total, secondsLeft }: Progress): void {
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const left = secondsLeft === null ? '' : `, about ${duration(secondsLeft)} left`;
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    if (this.terminal.interactive) {
      const bar = '█'.repeat(Math.round(share * barWidth)).padEnd(barWidth, '░');
      const line = `${bar} ${percent} ${stage}${left}`;
      this.terminal.err(`\r\x1b[K${line.slice(0, Math.max(20, this.terminal.columns - 1))}`);
      this.drawn = true;
      return;
    }
    if (this.now() - this.lastLine < lineInterval) return;
    this.lastLine = this.now();
    this.terminal.err(`${percent} ${stage}${left}\n`);
  }

  /** A line that stays, between redrawings. */
  note(text: string): void {
    this.clear();
    this.terminal.err(`${text}\n`);
  }

  clear(): void {
    if (this.drawn) this.terminal.err('\r\x1b[K');
    this.drawn = false;
  }
}
