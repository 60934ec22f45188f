import type { Definition } from '../src/vscode/report/html';

export interface Definitions {
  readonly terms: Readonly<Record<string, string | Definition>>;
  readonly pitfallRules: number | null;
}

/** What the host wrote into the page: see `reportHtml`. */
export function readDefinitions(): Definitions {
  const text = document.getElementById('definitions')?.textContent ?? '';
  const data: Partial<Definitions> = text === '' ? {} : JSON.parse(text);
  return { terms: data.terms ?? {}, pitfallRules: data.pitfallRules ?? null };
}
