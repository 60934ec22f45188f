import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Document, LineCounter, parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { RobustnessError } from '../error';
import { parseFraction } from './fraction';
import { resolveEnsemble } from './resolveEnsemble';
import { type Spec, specSchema } from './schema';
import { checkShiftNames } from './shifts';
import { nearest } from './suggest';

const mostBytes = 2 ** 20;
/** A spec has no need of many aliases; a file with thousands is meant to grow in memory. */
const mostAliases = 100;

/**
 * Reads a spec from YAML or JSON (which is YAML).
 * @throws RobustnessError `spec/not-found`, `spec/too-large`, `spec/syntax`, `spec/unknown-key`, `spec/invalid`,
 *   `spec/model`, `spec/duplicate-name`, `spec/fraction`
 */
export async function readSpec(path: string): Promise<Spec> {
  return parseSpec(await readText(path), basename(path));
}

/** @param name of the file, for messages. */
export function parseSpec(text: string, name: string): Spec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new RobustnessError(
      'spec/syntax',
      `${name} is not valid YAML at line ${line}, column ${col}: ${error.message.replace(/\.$/, '')}.`,
      'Check the indentation and the quotes there.',
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (cause) {
    throw new RobustnessError('spec/syntax', `${name} has too many aliases.`, 'Write the settings out.', { cause });
  }
  const result = specSchema.safeParse(withoutSchema(value));
  if (!result.success) throw invalid(result.error.issues, name, document, lines);
  check(result.data, name);
  return result.data;
}

/** The models that a spec names, as written; none if it cannot be read. */
export async function namedModels(path: string): Promise<readonly string[]> {
  try {
    const value: unknown = parse(await readText(path), { maxAliasCount: mostAliases });
    const { model, models } = (value ?? {}) as { model?: unknown; models?: unknown };
    return [model, ...(Array.isArray(models) ? models : [])].filter((each) => typeof each === 'string');
  } catch {
    return [];
  }
}

/** Editors put `$schema` into JSON files; it is not ours. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$schema' in value)) return value;
  const { $schema: _, ...rest } = value;
  return rest;
}

/** What the schema cannot say. */
function check(spec: Spec, name: string): void {
  const subjects = (['model', 'models', 'ensemble'] as const).filter((key) => spec[key] !== undefined);
  if (subjects.length !== 1) {
    throw new RobustnessError(
      'spec/model',
      subjects.length === 0
        ? `${name} names no model.`
        : `${name} has ${subjects.length === 2 ? 'both ' : ''}${subjects.map((key) => `\`${key}\``).join(' and ')}.`,
      'Give one path as `model`, a list of paths as `models`, or several as one under `ensemble`.',
    );
  }
  if (spec.ensemble !== undefined) resolveEnsemble(spec.ensemble, '', name);
  const names = new Set<string>();
  for (const threat of spec.threatModels ?? []) {
    parseFraction(threat.epsilon);
    if (names.has(threat.name)) {
      throw new RobustnessError(
        'spec/duplicate-name',
        `${name} has two threat models called “${threat.name}”.`,
        'Give each its own name: gates and claims refer to it.',
      );
    }
    names.add(threat.name);
  }
  checkShiftNames(spec.shifts ?? [], name);
}

type Path = readonly PropertyKey[];

interface Flat {
  readonly path: Path;
  readonly message: string;
  readonly unknown: string | null;
}

function invalid(
  issues: readonly z.core.$ZodIssue[],
  name: string,
  document: Document,
  lines: LineCounter,
): RobustnessError {
  const flat = issues.flatMap((issue) => flatten(issue, []));
  // An unknown key is the likelier cause where a key is also missing: it is the missing one, misspelt.
  const issue = flat.find((each) => each.unknown !== null) ?? flat[0]!;
  const line = lineOf(document, lines, issue.unknown === null ? issue.path : [...issue.path, issue.unknown]);
  const where = `${name}${line === null ? '' : `, line ${line}`}`;
  const more = flat.length > 1 ? ` (and ${flat.length - 1} more)` : '';
  if (issue.unknown === null) {
    const setting = dotted(issue.path);
    return new RobustnessError(
      'spec/invalid',
      `${where}: ${setting === '' ? 'the spec' : `\`${setting}\``} is not valid: ${issue.message}${more}.`,
      'Correct it; the schema in schemas/robustness.schema.json lists every setting.',
    );
  }
  const known = knownKeys(issue.path);
  // `stale` is meant to be `claims/stale`, however short it is.
  const meant = known.find((each) => each.endsWith(`/${issue.unknown}`)) ?? nearest(issue.unknown, known);
  return new RobustnessError(
    'spec/unknown-key',
    `${where}: \`${dotted([...issue.path, issue.unknown])}\` is not a setting${more}.`,
    meant === null ? `The settings here are ${known.join(', ')}.` : `Did you mean \`${meant}\`?`,
  );
}

/** Issues of a union's branches are hidden in it: the branch that came furthest is the one that was meant. */
function flatten(issue: z.core.$ZodIssue, before: Path): Flat[] {
  const path = [...before, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((unknown) => ({ path, unknown, message: issue.message }));
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((errors) => errors.flatMap((each) => flatten(each, path)));
    const depth = (branch: readonly Flat[]) =>
      Math.max(0, ...branch.map((each) => each.path.length + (each.unknown === null ? 0 : 1)));
    const best = branches.reduce<Flat[] | null>((a, b) => (a === null || depth(b) > depth(a) ? b : a), null);
    if (best !== null && depth(best) > path.length) return best;
    const messages = branches.flat().map((each) => each.message);
    return [{ path, unknown: null, message: [...new Set(messages)].join(', or ') || issue.message }];
  }
  return [{ path, unknown: null, message: inWords(issue.message) }];
}

function inWords(message: string): string {
  if (message.endsWith('received undefined')) return 'it is missing';
  return message.replace(/^(Invalid (input|option)|Too (big|small)): /, '');
}

function lineOf(document: Document, lines: LineCounter, path: Path): number | null {
  // The deepest node of the path that exists: a missing key is reported at the mapping that lacks it.
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pairs = isMap(parent) ? parent.items : [];
    const pair = pairs.find((each) => each.key?.value === key);
    const range = pair?.key?.range ?? rangeOf(document.getIn(path.slice(0, length), true));
    if (range !== undefined) return lines.linePos(range[0]).line;
  }
  return null;
}

interface Keyed {
  readonly items: readonly {
    readonly key?: { readonly value?: unknown; readonly range?: readonly [number, ...number[]] };
  }[];
}

function isMap(node: unknown): node is Keyed {
  return typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items);
}

function rangeOf(node: unknown): readonly [number] | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) ? [Number(range[0])] : undefined;
}

interface Described {
  readonly properties?: Record<string, Described>;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
}

/** The keys that the schema allows at `path`. */
function knownKeys(path: Path): readonly string[] {
  let at: readonly Described[] = [z.toJSONSchema(specSchema, { io: 'input' }) as Described];
  const open = (nodes: readonly Described[]): Described[] => nodes.flatMap((node) => [node, ...open(node.anyOf ?? [])]);
  for (const key of path) {
    at = open(at).flatMap((node) => {
      const next = typeof key === 'number' ? node.items : node.properties?.[String(key)];
      return next === undefined ? [] : [next];
    });
  }
  return open(at).flatMap((node) => Object.keys(node.properties ?? {}));
}

function dotted(path: Path): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

async function readText(path: string): Promise<string> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new RobustnessError('spec/not-found', `There is no readable spec at ${path}.`, 'Check the path.', { cause });
  });
  try {
    const info = await handle.stat();
    if (!info.isFile()) {
      throw new RobustnessError('spec/not-found', `${path} is not a file.`, 'Give the path of a robustness.yaml.');
    }
    if (info.size > mostBytes) {
      throw new RobustnessError(
        'spec/too-large',
        `${path} has ${info.size} bytes; a spec has at most ${mostBytes}.`,
        'Check that this is a spec and not data or a report.',
      );
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
