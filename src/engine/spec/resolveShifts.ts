import { resolve } from 'node:path';
import type { Spec } from './schema';
import { checkShiftNames, type ResolvedShift } from './shifts';

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
