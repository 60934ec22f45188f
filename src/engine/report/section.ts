export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A part of a report, the same in every rendering. */
export interface Section {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly table: Table | null;
}
