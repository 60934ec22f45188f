import { type ParseArgsConfig, parseArgs } from 'node:util';
import { RobustnessError } from '../engine/error';
import { nearest } from '../engine/spec/suggest';

export const exitCode = { done: 0, failed: 1, usage: 2, died: 3, cancelled: 130 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Where a command reads and writes; the process, or a test's own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard error is a terminal that a line can be redrawn on. */
  readonly interactive: boolean;
  readonly columns: number;
}

interface OptionInfo {
  readonly type: 'string' | 'boolean';
  /** Placeholder in the help: `FILE`. */
  readonly value?: string;
  readonly help: string;
  readonly multiple?: boolean;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
}

export interface Arguments {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** @throws RobustnessError `usage/number` */
  integer(name: string, minimum: number): number | undefined;
}

export interface Command {
  readonly name: string;
  /** What follows the name: `MODEL --data D.npz`. */
  readonly usage: string;
  readonly summary: string;
  /** Further lines of help. */
  readonly details?: readonly string[];
  readonly options: Readonly<Record<string, OptionInfo>>;
  readonly positionals: { readonly least: number; readonly most: number };
  run(args: Arguments, terminal: Terminal): Promise<ExitCode>;
}

/** @throws RobustnessError `usage/option`, `usage/arguments` */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type, multiple }] of Object.entries(command.options))
    options[name] = { type, multiple: multiple ?? false };
  const parsed = tokens(command, argv, options);
  const { least, most } = command.positionals;
  if (parsed.positionals.length < least || parsed.positionals.length > most) {
    throw new RobustnessError(
      'usage/arguments',
      `\`${command.name}\` was given ${parsed.positionals.length} arguments.`,
      `Usage: robustness ${command.name} ${command.usage}`,
    );
  }
  const values = parsed.values;
  for (const [name, { choices }] of Object.entries(command.options)) {
    const value = values[name];
    if (choices && typeof value === 'string' && !choices.includes(value)) throw badChoice(name, value, choices);
  }
  return {
    positionals: parsed.positionals,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: (name) => (Array.isArray(values[name]) ? values[name].filter((each) => typeof each === 'string') : []),
    flag: (name) => values[name] === true,
    integer(name, minimum) {
      const text = values[name];
      if (typeof text !== 'string') return undefined;
      const value = Number(text);
      if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < minimum) {
        throw new RobustnessError(
          'usage/number',
          `--${name} is "${text}".`,
          `Give a whole number of at least ${minimum}.`,
        );
      }
      return value;
    },
  };
}

function tokens(command: Command, argv: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const known = Object.keys(command.options);
    const message = cause instanceof Error ? cause.message : String(cause);
    const unknown = /Unknown option '(-+([^']*))'/.exec(message);
    if (unknown) {
      const near = nearest((unknown[2] ?? '').split('=')[0] ?? '', known);
      throw new RobustnessError(
        'usage/option',
        `\`${command.name}\` has no option ${unknown[1]}.`,
        near ? `Did you mean --${near}?` : `Its options: ${known.map((name) => `--${name}`).join(', ')}.`,
        { cause },
      );
    }
    throw new RobustnessError(
      'usage/option',
      message.split('\n')[0] ?? message,
      `See \`robustness ${command.name} --help\`.`,
      {
        cause,
      },
    );
  }
}

function badChoice(name: string, value: string, choices: readonly string[]): RobustnessError {
  const near = nearest(value, choices);
  return new RobustnessError(
    'usage/choice',
    `--${name} cannot be "${value}".`,
    `${near ? `Did you mean ${near}? ` : ''}Choose one of ${choices.join(', ')}.`,
  );
}

export function helpFor(command: Command): string {
  const rows = Object.entries(command.options).map(([name, { value, help, choices }]) => {
    const left = `  --${name}${value ? ` ${value}` : ''}`;
    return `${left.padEnd(24)}${help}${choices ? ` (${choices.join(', ')})` : ''}`;
  });
  const details = command.details ? `\n${command.details.join('\n')}\n` : '';
  return `robustness ${command.name} ${command.usage}\n\n${command.summary}\n${details}\nOptions:\n${rows.join('\n')}\n`;
}

/** The flag that every command has. */
export const jsonOption = { json: { type: 'boolean', help: 'Print JSON on standard output.' } } as const;
