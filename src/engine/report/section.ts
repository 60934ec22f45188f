export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Share of the accuracy without disturbance that a cell has lost, 0..1, where that is shown as a colour. */
  readonly lost?: readonly (readonly (number | null)[])[];
}

/** A part of a report, the same in every rendering. */
export interface Section {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** A picture of the table as inline SVG, for pages that show one. */
  readonly figure?: string;
  readonly table: Table | null;
}
