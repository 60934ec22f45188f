import { describe, expect, it } from 'vitest';
import { columnsToAsk } from '../../../src/vscode/inspect/csvHeader';

describe('columnsToAsk', () => {
  it('asks when no column is called as labels are', () => {
    expect(columnsToAsk('width;height;kind')).toEqual(['width', 'height', 'kind']);
  });

  it.each(['width,height,label', '"a","Species"', 'target\tx'])('does not ask for %s', (header) => {
    expect(columnsToAsk(header)).toBeNull();
  });

  it('does not take numbers for names', () => {
    expect(columnsToAsk('5.1,3.5,1.4,0')).toBeNull();
  });
});
