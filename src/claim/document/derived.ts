/**
 * Text that is written into a file in another spelling (a cell of a notebook as a JSON string, a docstring under its
 * indentation), with the place in the file of each of its UTF-16 units.
 */
export class DerivedText {
  text = '';
  readonly starts: number[] = [];
  /** Exclusive. */
  readonly ends: number[] = [];

  /** Units `from` to `to` of the file as they stand there. */
  copy(file: string, from: number, to: number): void {
    this.text += file.slice(from, to);
    for (let i = from; i < to; i++) {
      this.starts.push(i);
      this.ends.push(i + 1);
    }
  }

  /** Text that is spelled otherwise from `from` to `to` in the file. */
  put(text: string, from: number, to: number): void {
    this.text += text;
    for (let i = 0; i < text.length; i++) {
      this.starts.push(from);
      this.ends.push(to);
    }
  }
}
