import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type WritableArray, writeNpz } from '../engine/data/write';
import { RobustnessError } from '../engine/error';
import { writeAtomically } from '../engine/report/store';

/** @throws RobustnessError `usage/cannot-write` */
export function saveArrays(path: string, arrays: Readonly<Record<string, WritableArray>>): Promise<void> {
  return orCannotWrite(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeNpz(path, arrays);
  });
}

/** @throws RobustnessError `usage/cannot-write` */
export function saveText(path: string, text: string): Promise<void> {
  return orCannotWrite(path, () => writeAtomically(path, text));
}

async function orCannotWrite(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new RobustnessError(
      'usage/cannot-write',
      `${path} cannot be written (${reason}).`,
      'Choose another place with --out.',
      {
        cause,
      },
    );
  }
}
