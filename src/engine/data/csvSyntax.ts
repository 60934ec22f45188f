import type { CsvError } from 'csv-parse';
import { RobustnessError } from '../error';

/** What is wrong with a table, as an error that says where. */
export function csvSyntaxError(path: string, error: CsvError): RobustnessError {
  const line = (error as CsvError & { lines?: number }).lines ?? '?';
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return new RobustnessError(
      'data/csv-ragged',
      `Line ${line} of ${path} has another number of columns than the lines before it.`,
      'Give every line the same number of columns; quote cells that contain the separator.',
      { cause: error },
    );
  }
  return new RobustnessError(
    'data/csv-syntax',
    `${path} cannot be read as a table at line ${line}.`,
    'Check the quotes there (a quote within a quoted cell is written twice), and that the file is text in UTF-8.',
    { cause: error },
  );
}
