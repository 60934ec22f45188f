import type { AttackBudget } from '../engine/attack/types';
import type { DataKind } from '../engine/data/types';
import { RobustnessError } from '../engine/error';
import type { Preprocess } from '../engine/spec/schema';
import { nearest } from '../engine/spec/suggest';

export interface AttackSettings {
  readonly budget: AttackBudget;
  readonly seed: number;
  readonly bounds: readonly [number, number] | null;
  readonly preprocess: Preprocess;
  /** `image` where pre-processing differs by channel or turns the layout, so that x has to be [C, H, W]. */
  readonly kind: DataKind;
  /** What an l0 ε counts; null where it was left open. */
  readonly counts: 'pixels' | 'values' | null;
}

const names = ['iterations', 'restarts', 'queries', 'seed', 'bounds', 'mean', 'std', 'layout', 'counts'] as const;
const layouts = ['nchw', 'nhwc', 'flat'] as const;

/**
 * Reads `k=v` options of an attack.
 * @param x the examples: bounds are 0 to 1 where all values lie in it, else none
 * @throws RobustnessError `usage/attack-option`
 */
export function attackSettings(options: readonly string[], defaults: AttackBudget, x: Float32Array): AttackSettings {
  const given = new Map<string, string>();
  for (const option of options) {
    const at = option.indexOf('=');
    const name = at === -1 ? option : option.slice(0, at);
    if (at === -1 || !(names as readonly string[]).includes(name)) {
      const near = nearest(name, names);
      throw wrong(option, at !== -1 && near ? `Did you mean ${near}?` : `Write one of ${names.join(', ')} as k=v.`);
    }
    given.set(name, option.slice(at + 1));
  }
  const whole = (name: (typeof names)[number], fallback: number, least: number): number => {
    const text = given.get(name);
    if (text === undefined) return fallback;
    if (!/^\d{1,9}$/.test(text) || Number(text) < least)
      throw wrong(`${name}=${text}`, `It is a whole number of at least ${least}.`);
    return Number(text);
  };
  const list = (name: 'mean' | 'std', fallback: number): number[] => {
    const values = given.get(name)?.split(',').map(Number) ?? [fallback];
    if (values.some((value) => !Number.isFinite(value)) || (name === 'std' && values.some((value) => value <= 0))) {
      throw wrong(
        `${name}=${given.get(name)}`,
        'It is a number, or one a channel separated by commas; std is positive.',
      );
    }
    return values;
  };
  const layout = given.get('layout');
  if (layout !== undefined && !(layouts as readonly string[]).includes(layout)) {
    throw wrong(`layout=${layout}`, `Choose one of ${layouts.join(', ')}.`);
  }
  const counts = given.get('counts') ?? null;
  if (counts !== null && counts !== 'pixels' && counts !== 'values') {
    throw wrong(`counts=${counts}`, 'Choose pixels or values.');
  }
  const mean = list('mean', 0);
  const std = list('std', 1);
  const image = mean.length > 1 || std.length > 1 || (layout !== undefined && layout !== 'flat');
  return {
    budget: {
      iterations: whole('iterations', defaults.iterations, 1),
      restarts: whole('restarts', defaults.restarts, 1),
      queries: whole('queries', defaults.queries, 1),
    },
    seed: whole('seed', 0, 0),
    bounds: boundsOf(given.get('bounds'), x),
    preprocess: {
      mean,
      std,
      layout: (layout as Preprocess['layout'] | undefined) ?? (image ? 'nchw' : 'flat'),
      channels: 'rgb',
    },
    kind: image ? 'image' : 'vector',
    counts,
  };
}

function boundsOf(text: string | undefined, x: Float32Array): readonly [number, number] | null {
  if (text === undefined) return x.every((value) => value >= 0 && value <= 1) ? [0, 1] : null;
  if (text === 'none') return null;
  const [low = Number.NaN, high = Number.NaN, ...more] = text.split(':').map(Number);
  if (more.length > 0 || !(low < high))
    throw wrong(`bounds=${text}`, 'Write bounds=LOW:HIGH, such as bounds=0:1, or bounds=none.');
  return [low, high];
}

function wrong(option: string, hint: string): RobustnessError {
  return new RobustnessError('usage/attack-option', `The attack option "${option}" cannot be used.`, hint);
}
