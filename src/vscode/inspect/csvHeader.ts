import { open } from 'node:fs/promises';

/**
 * The column names of a CSV file when they do not say which one is the label, so that a person must. Null when the
 * reader knows by itself (a column is called `label`, `class`, `target` …), or there is no header.
 */
export async function ambiguousColumns(path: string): Promise<string[] | null> {
  if (!/\.(csv|tsv)$/i.test(path)) return null;
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0);
    const [first = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1);
    return columnsToAsk(first);
  } finally {
    await handle.close();
  }
}

export function columnsToAsk(header: string): string[] | null {
  const separator = ['\t', ';', ','].find((each) => header.includes(each)) ?? ',';
  const names = header.split(separator).map((name) => name.trim().replaceAll(/^"|"$/g, ''));
  const isHeader = names.length > 1 && names.every((name) => name !== '' && Number.isNaN(Number(name)));
  if (!isHeader || names.some((name) => /^(labels?|class|target|species|y|category|variety|class_?id)$/i.test(name)))
    return null;
  return names;
}
