import { describe, expect, it } from 'vitest';
import { corruptionSection } from '../../../src/engine/report/corruptionSections';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { CorruptionRow, Report } from '../../../src/engine/report/schema';
import { figure, reportBase } from '../../fixtures/reportBase';

const row = (title: string, severity: number, accuracy: number): CorruptionRow => ({
  name: title.toLowerCase(),
  title,
  severity,
  accuracy: figure(accuracy, 100),
  stability: figure(accuracy, 100),
});

function report(change: (corruptions: NonNullable<Report['corruptions']>) => void = () => {}): Report {
  return reportBase((r) => {
    r.corruptions = {
      meanAccuracy: figure(0.5, 100),
      mCE: null,
      stabilityIndex: figure(0.5, 100),
      byCorruption: [row('Fog', 1, 0.8), row('Fog', 3, 0.6), row('Snow', 1, 0.5), row('Snow', 5, 0.2)],
    };
    change(r.corruptions);
  });
}

describe('the table of corruptions', () => {
  it('has a line for each corruption, the costliest first, and a column for each severity measured', () => {
    const section = corruptionSection(report())!;
    expect(section.table?.columns.slice(0, 5)).toEqual([
      'Corruption',
      'Severity 1',
      'Severity 3',
      'Severity 5',
      'Mean accuracy',
    ]);
    expect(section.table?.rows.map((cells) => cells.slice(0, 5))).toEqual([
      ['Snow', '50.0 %', '–', '20.0 %', '35.0 %'],
      ['Fog', '80.0 %', '60.0 %', '–', '70.0 %'],
    ]);
    expect(section.paragraphs.join('\n')).toContain('Most is lost under Snow: 35.0 % are left on average');
  });

  it('says how wide the widest interval of its cells is', () => {
    // Wilson's interval for 60 of 100 is 0.502 to 0.691; for 80 of 100, 0.711 to 0.867.
    expect(corruptionSection(report())?.paragraphs.at(-1)).toContain('9.8 points');
  });

  it('states the mean corruption error with what it is relative to', () => {
    const section = corruptionSection(
      report((corruptions) => {
        corruptions.mCE = { value: 1.25, low: 1.1, high: 1.4, n: 100 };
        corruptions.reference = {
          name: 'other.onnx',
          kind: 'report',
          cleanError: 0.1,
          relativeMCE: 0.75,
          byCorruption: [{ name: 'fog', title: 'Fog', severities: [1, 3], error: 0.3, referenceError: 0.24, ce: 1.25 }],
        };
      }),
    )!;
    expect(section.paragraphs.join('\n')).toContain(
      'Mean corruption error 125.0 % (110.0–140.0), over 1 corruption, relative to the errors of other.onnx.',
    );
    expect(section.paragraphs.join('\n')).toContain('Relative mCE 75.0 %');
    expect(section.table?.rows.map((cells) => cells.at(-1))).toEqual(['–', '125.0 %']);
  });

  it('is coloured in HTML by what is lost of the clean accuracy, and has the same text in Markdown', () => {
    const html = renderHtml(report());
    const clean = report().clean!.accuracy.value;
    expect(html).toContain(`<td class="heat" style="--lost: ${Math.round((55 * (clean - 0.2)) / clean)}%">20.0 %</td>`);
    expect(html).toContain('<td>–</td>');
    expect(renderMarkdown(report())).toMatch(/\| Snow \| 50\.0 % \| – \| 20\.0 % \| 35\.0 % \|/);
  });

  it('is left out where nothing was measured', () => {
    expect(corruptionSection(reportBase())).toBeNull();
  });
});
