import { resolve } from 'node:path';
import { z } from 'zod';
import { RobustnessError } from '../error';
import type { DataSource, Spec } from './schema';

/** What a shifted data set is: the same task on other data, or examples that belong to no class of the model. */
export const shiftKinds = ['shift', 'out-of-distribution'] as const;
export type ShiftKind = (typeof shiftKinds)[number];

/** @param data the schema of a data source: that of the test data, so that all is said in the same words */
export function shiftsSchemaOf<Source extends z.ZodType>(data: Source) {
  return z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .max(100)
          .regex(/^[^()\r\n]+$/, 'a name without brackets: gates put it between them')
          .describe('What the report, gates and claims call it.'),
        data,
        kind: z
          .enum(shiftKinds)
          .optional()
          .describe(
            'shift: the same classes on other data; out-of-distribution: examples of none of the classes, whose labels are not read. shift if absent.',
          ),
      }),
    )
    .describe('Named data sets besides the test data, evaluated with the same model and pre-processing.');
}

export const shiftBaselinesSchema = z
  .array(z.string())
  .describe(
    'Reports on other models with shifts of the same names, relative to this file: effective robustness is held against them.',
  );

/** A shifted data set with nothing left open. */
export interface ResolvedShift {
  readonly name: string;
  readonly kind: ShiftKind;
  /** With an absolute path. */
  readonly data: DataSource;
}

/**
 * @param base folder that relative paths are relative to
 * @throws RobustnessError `spec/duplicate-name`
 */
export function resolveShifts(
  { shifts, shiftBaselines }: Pick<Spec, 'shifts' | 'shiftBaselines'>,
  base: string,
): { readonly shifts?: readonly ResolvedShift[]; readonly shiftBaselines?: readonly string[] } {
  checkShiftNames(shifts ?? [], 'The spec');
  return {
    ...(shifts === undefined
      ? {}
      : {
          shifts: shifts.map(({ name, kind = 'shift', data }) => ({
            name,
            kind,
            data: { ...data, path: resolve(base, data.path) },
          })),
        }),
    ...(shiftBaselines === undefined ? {} : { shiftBaselines: shiftBaselines.map((path) => resolve(base, path)) }),
  };
}

/**
 * @param where for messages: the name of the file
 * @throws RobustnessError `spec/duplicate-name`
 */
export function checkShiftNames(shifts: readonly { readonly name: string }[], where: string): void {
  const names = new Set<string>();
  for (const { name } of shifts) {
    if (names.has(name)) {
      throw new RobustnessError(
        'spec/duplicate-name',
        `${where} has two shifts called “${name}”.`,
        'Give each its own name: gates and claims refer to it.',
      );
    }
    names.add(name);
  }
}

/** The same settings without this machine's folders. */
export function portableShifts(
  {
    shifts,
    shiftBaselines,
  }: { readonly shifts?: readonly ResolvedShift[]; readonly shiftBaselines?: readonly string[] },
  stored: (path: string) => string,
): Record<string, unknown> {
  return {
    ...(shifts === undefined
      ? {}
      : { shifts: shifts.map((shift) => ({ ...shift, data: { ...shift.data, path: stored(shift.data.path) } })) }),
    ...(shiftBaselines === undefined ? {} : { shiftBaselines: shiftBaselines.map(stored) }),
  };
}
