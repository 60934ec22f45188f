/** A task of type `robustness` as `tasks.json` states it; VS Code has checked it against the manifest's schema. */
export interface CheckTaskDefinition {
  readonly type: 'robustness';
  readonly task: 'check';
  /** Documents, folders or globs, relative to the folder of the workspace; the whole folder if absent. */
  readonly paths?: readonly string[];
  /** Severities by rule. */
  readonly rules?: Readonly<Record<string, string>>;
  /** Further arguments of `robustness check`. */
  readonly args?: readonly string[];
}

export function isCheckTask(definition: { readonly type: string }): definition is CheckTaskDefinition {
  const { task, paths, args } = definition as Partial<CheckTaskDefinition>;
  const strings = (list: unknown) =>
    list === undefined || (Array.isArray(list) && list.every((each) => typeof each === 'string'));
  return definition.type === 'robustness' && task === 'check' && strings(paths) && strings(args);
}

/** What the command line is called with. */
export function checkArguments({ paths = ['.'], rules = {}, args = [] }: CheckTaskDefinition): string[] {
  return [
    'check',
    ...Object.entries(rules).flatMap(([rule, severity]) => ['--rule', `${rule}=${severity}`]),
    ...args,
    // A path that begins with a dash is no option.
    '--',
    ...(paths.length === 0 ? ['.'] : paths),
  ];
}
