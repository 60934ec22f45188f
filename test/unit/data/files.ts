import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { OpenDataset } from '../../../src/engine/data/assemble';
import { type OpenOptions, openDataset } from '../../../src/engine/data/open';
import { type ErrorCode, RobustnessError } from '../../../src/engine/error';
import type { DataSource } from '../../../src/engine/spec/schema';

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'robustness-data-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function write(folder: string, name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export interface Read {
  readonly data: OpenDataset;
  readonly x: number[];
  readonly y: number[];
}

/** Opens and reads all examples, in batches of `size`. */
export async function readAll(source: DataSource, options: OpenOptions = {}, size = 3): Promise<Read> {
  const data = await openDataset(source, '/', options);
  const x: number[] = [];
  const y: number[] = [];
  for await (const batch of data.batches(size)) {
    expect(batch.start).toBe(y.length);
    expect(batch.y.length).toBe(batch.count);
    expect(batch.x.length).toBe(batch.count * data.shape.reduce((a, b) => a * b, 1));
    for (const value of batch.x) x.push(value);
    y.push(...batch.y);
  }
  expect(y.length).toBe(data.count);
  return { data, x, y };
}

/** Asserts that the data are refused with this error, and that it has a hint. */
export async function expectError(
  promise: Promise<unknown>,
  code: ErrorCode,
  message?: RegExp,
): Promise<RobustnessError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RobustnessError);
  const ours = error as RobustnessError;
  expect(ours.code).toBe(code);
  expect(ours.hint).not.toBe('');
  if (message) expect(ours.message).toMatch(message);
  return ours;
}
