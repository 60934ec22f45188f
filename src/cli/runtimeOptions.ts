import { type ProviderChoice, providerNotice } from '../engine/oracle/provider';
import { type ExecutionProvider, executionProviders } from '../engine/runtime';
import type { Arguments, Terminal } from './command';

/** Options of every command that runs a model. */
export const runtimeOptions = {
  provider: {
    type: 'string',
    value: 'P',
    help: 'Where to compute; the processor where it does not work, which is said.',
    choices: executionProviders,
  },
  threads: { type: 'string', value: 'N', help: 'Threads within an operator; all cores if absent.' },
} as const;

export function runtimeSettings(args: Arguments): { provider?: ExecutionProvider; threads?: number } {
  const provider = args.text('provider') as ExecutionProvider | undefined;
  const threads = args.integer('threads', 1);
  return { ...(provider === undefined ? {} : { provider }), ...(threads === undefined ? {} : { threads }) };
}

/** Says on standard error where the provider that was asked for is not the one that is used. */
export function sayProvider(choice: ProviderChoice, terminal: Terminal): void {
  const notice = providerNotice(choice);
  if (notice !== null) terminal.err(`${notice}.\n`);
}
