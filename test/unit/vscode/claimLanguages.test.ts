import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { documentFormats, formatOf } from '../../../src/claim/document/registry';

// The lists are data; the module that holds them also talks to the editor.
vi.mock('vscode', () => ({}));
const { claimFiles, claimLanguages, proseLanguages } = await import('../../../src/vscode/claims/languages');

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  activationEvents: string[];
};

describe('what the editor knows of formats without loading them', () => {
  it('is every language that a format names', () => {
    const languages = documentFormats.flatMap((format) => format.languages);
    expect(languages.length).toBeGreaterThan(3);
    expect(languages.filter((language) => !claimLanguages.includes(language))).toEqual([]);
  });

  it('is every file that a format reads', () => {
    for (const { endings } of documentFormats) {
      for (const ending of endings) {
        const name = ending.startsWith('.') ? `docs/a${ending}` : `docs/${ending}`;
        expect(posix.matchesGlob(name, claimFiles), name).toBe(true);
      }
    }
  });

  it('holds prose of any name to be of the format that its language says', () => {
    for (const language of proseLanguages) {
      expect(
        documentFormats.some(({ languages }) => languages.includes(language)),
        language,
      ).toBe(true);
      expect(claimLanguages, language).toContain(language);
      expect(manifest.activationEvents, language).toContain(`onLanguage:${language}`);
    }
    expect(formatOf('notes.txt')?.byDefault).not.toBe(true);
    expect(formatOf('train.py')?.byDefault).not.toBe(true);
  });
});
