import { z } from 'zod';
import { RobustnessError } from '../error';
import type { DataSource } from './schema';

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
