import { type ErrorData, RobustnessError, toErrorData } from '../engine/error';
import { tool } from '../engine/evaluate/version';
import { nearest } from '../engine/spec/suggest';
import { type Command, type ExitCode, exitCode, helpFor, parseArguments, type Terminal } from './command';

/** Loaded when they are called: most need the engine, and a hook that checks five documents does not. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  inspect: () => import('./command/inspect').then((module) => module.inspectCommand),
  evaluate: () => import('./command/evaluate').then((module) => module.evaluateCommand),
  gradient: () => import('./command/gradient').then((module) => module.gradientCommand),
  attack: () => import('./command/attack').then((module) => module.attackCommand),
  certify: () => import('./command/certify').then((module) => module.certifyCommand),
  compare: () => import('./command/compare').then((module) => module.compareCommand),
  check: () => import('./command/check').then((module) => module.checkCommand),
  block: () => import('./command/block').then((module) => module.blockCommand),
  export: () => import('./command/export').then((module) => module.exportCommand),
  recommend: () => import('./command/recommend').then((module) => module.recommendCommand),
  report: () => import('./command/report').then((module) => module.reportCommand),
};

/** Runs one command line; the exit codes are a contract with scripts (see `exitCode`). */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = argv;
  const json = rest.includes('--json');
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      terminal.out(await overview());
      return name === undefined ? exitCode.usage : exitCode.done;
    }
    if (name === '--version') {
      terminal.out(`${tool.name} ${tool.version}\n`);
      return exitCode.done;
    }
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!load) throw unknownCommand(name);
    const command = await load();
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.out(helpFor(command));
      return exitCode.done;
    }
    return await command.run(parseArguments(command, rest), terminal);
  } catch (error) {
    const data = toErrorData(error);
    if (json) terminal.out(`${JSON.stringify({ error: data }, null, 2)}\n`);
    else terminal.err(`${data.message}\n${data.hint}\n`);
    return codeOf(data);
  }
}

function codeOf({ code }: ErrorData): ExitCode {
  if (code === 'worker/died') return exitCode.died;
  if (code === 'worker/cancelled') return exitCode.cancelled;
  return exitCode.usage;
}

function unknownCommand(name: string): RobustnessError {
  const names = Object.keys(commands);
  const near = nearest(name, names);
  return new RobustnessError(
    'usage/command',
    `There is no command "${name}".`,
    `${near ? `Did you mean ${near}? ` : ''}Commands: ${names.join(', ')}.`,
  );
}

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const rows = all.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`);
  return [
    'robustness COMMAND …',
    '',
    'An honest clean-versus-robust report of an ONNX model.',
    '',
    ...rows,
    '',
    'robustness COMMAND --help tells more. Exit codes: 0 done; 1 a gate failed or a claim is not supported;',
    '2 usage or input error; 3 the worker died; 130 cancelled.',
    '',
  ].join('\n');
}
