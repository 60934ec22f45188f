import type { Figure } from '../src/engine/report/schema';

const SPACE = '\u00a0';
const integers = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `0.978` as `97.8 %`. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}${SPACE}%`;
}

/** 95 % interval of a share: `96.7 to 98.5 %`. */
export function interval(figure: Figure, digits = 1): string {
  return `${(100 * figure.low).toFixed(digits)} to ${percent(figure.high, digits)}`;
}

/** A difference of shares in percentage points, signed. */
export function points(difference: number): string {
  const text = Math.abs(100 * difference).toFixed(1);
  // What rounds to nothing has no sign.
  return `${Number(text) === 0 ? '' : difference < 0 ? '−' : '+'}${text}`;
}

/** `12 345` with thin grouping, as is usual beside SI units. */
export function count(value: number): string {
  return integers.format(value).replaceAll(',', '\u202f');
}

/** Large counts of model passes: `1.2 M`. */
export function compact(value: number): string {
  if (value < 10_000) return count(value);
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 100_000 ? 1 : 0)}${SPACE}k`;
  return `${(value / 1_000_000).toFixed(1)}${SPACE}M`;
}

/** Seconds in the two largest units: `4 min 12 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}${SPACE}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${SPACE}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${SPACE}min ${whole % 60}${SPACE}s`;
  return `${Math.floor(whole / 3600)}${SPACE}h ${Math.floor((whole % 3600) / 60)}${SPACE}min`;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size}${SPACE}B`;
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)}${SPACE}kB`;
  return `${(size / 1_000_000).toFixed(1)}${SPACE}MB`;
}

/** ISO date as `22 Nov 2026, 00:10 UTC`; a text that is no date stays as it is. */
export function date(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const day = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`;
}

/**
 * An ε on the scale in which the threat model states its own: `2/255` beside `8/255`, else up to three significant
 * digits.
 */
export function epsilonLabel(epsilon: number, statedAs: string): string {
  if (epsilon === 0) return '0';
  const denominator = Number(/\/\s*(\d+)\s*$/.exec(statedAs)?.[1] ?? Number.NaN);
  if (Number.isFinite(denominator)) {
    const numerator = epsilon * denominator;
    return `${Number(numerator.toPrecision(3))}/${denominator}`;
  }
  return significant(epsilon);
}

/** Up to three significant digits, without trailing zeros. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const text =
    Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5 ? value.toExponential(2) : `${Number(value.toPrecision(3))}`;
  return text.replaceAll('-', '−');
}

/** A measured number in units of its own: four significant digits, and never fewer than its whole part. */
export function quantity(value: number): string {
  if (Math.abs(value) >= 1000 && Math.abs(value) < 1e7) return `${value < 0 ? '−' : ''}${count(Math.abs(value))}`;
  if (value !== 0 && Math.abs(value) < 1e-3) return significant(value);
  return `${Number(value.toPrecision(4))}`.replaceAll('-', '−');
}

/** Interval of such a number: `25.1 to 35.9`. */
export function quantityInterval({ low, high }: Figure): string {
  return `${quantity(low)} to ${quantity(high)}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

const NORMS = { linf: 'L∞', l2: 'L2', l1: 'L1', l0: 'L0', edits: 'edits' } as const;

export function normLabel(norm: keyof typeof NORMS): string {
  return NORMS[norm];
}

/** Norm and radius, without which no figure of robustness stands: `L∞ ε = 8/255`, `L0 ε = 10 pixels`, `3 edits`. */
export function threatLabel(threat: {
  readonly norm: keyof typeof NORMS;
  readonly epsilonText: string;
  readonly counts?: 'pixels' | 'values' | undefined;
  readonly goal?: 'untargeted' | 'targeted';
}): string {
  const goal = threat.goal === 'targeted' ? ', targeted' : '';
  if (threat.norm === 'edits') return `${plural(Number(threat.epsilonText), 'edit')}${goal}`;
  return `${normLabel(threat.norm)} ε = ${threat.epsilonText}${threat.counts === undefined ? '' : ` ${threat.counts}`}${goal}`;
}

/** `FGSM, PGD and Square`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Last part of a path, whichever way its slashes lean. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
