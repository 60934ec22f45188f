import { curveSvg } from './curveSvg';
import { shortThreat } from './describe';
import { type AnyReport, isRegression, type OutputGalleryItem } from './regression';
import type { GalleryItem, Pitfall, Report } from './schema';
import type { Section, Table } from './section';
import { modelName, sections } from './sections';
import { distanceText } from './textSections';
import { describeWaveform, waveformSvg } from './waveformSvg';
import { caveat, percent } from './words';

/** A report as one HTML file: no scripts, nothing loaded from elsewhere, readable on paper. */
export function renderHtml(report: AnyReport): string {
  const title = `Robustness of ${modelName(report)}`;
  const note = caveat(report);
  const [first, ...rest] = sections(report);
  const curves = isRegression(report) ? [] : curveFigures(report);
  return page(
    title,
    [
      `<h1>${escapeHtml(title)}</h1>`,
      note ? `<p class="note">${escapeHtml(note)}</p>` : '',
      first ? sectionHtml(first) : '',
      pitfallsHtml(report.pitfalls),
      curves.length > 0 ? `<h2>Robustness curves</h2><div class="curves">${curves.join('')}</div>` : '',
      galleryHtml(report.gallery),
      ...rest.map(sectionHtml),
    ].join('\n'),
  );
}

function curveFigures({ threatModels, data }: Report): string[] {
  return threatModels
    .filter((threat) => threat.curve.length > 1)
    .map((threat) => {
      const name = `${threat.name} (${shortThreat(threat)})`;
      return `<figure>${curveSvg(threat, data.classes.length)}<figcaption>${escapeHtml(name)}</figcaption></figure>`;
    });
}

/** The page around any body; used by the comparison, too. */
export function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

export function tableHtml(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  lost?: Table['lost'],
): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows.map(
    (cells, i) => `<tr>${cells.map((cell, j) => `<td${shade(lost?.[i]?.[j])}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** The redder, the more is lost; never so red that the text on it cannot be read. */
function shade(lost: number | null | undefined): string {
  return lost === null || lost === undefined ? '' : ` class="heat" style="--lost: ${Math.round(55 * lost)}%"`;
}

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function sectionHtml({ title, paragraphs, table, figure }: Section): string {
  const text = paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n');
  return `<h2>${escapeHtml(title)}</h2>\n${text}\n${figure ? `<figure>${figure}</figure>` : ''}${table ? tableHtml(table.columns, table.rows, table.lost) : ''}`;
}

function pitfallsHtml(pitfalls: readonly Pitfall[]): string {
  if (pitfalls.length === 0) return '<h2>Pitfalls</h2><p>None was found.</p>';
  const items = pitfalls.map(
    ({ severity, rule, message, evidence, advice }) =>
      `<li class="${severity}"><strong>${severity}: ${escapeHtml(message)}</strong> <code>${escapeHtml(rule)}</code>` +
      `<ul>${evidence.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul><p>${escapeHtml(advice)}</p></li>`,
  );
  return `<h2>Pitfalls</h2><ul class="pitfalls">${items.join('\n')}</ul>`;
}

function galleryHtml(gallery: readonly (GalleryItem | OutputGalleryItem)[]): string {
  if (gallery.length === 0) return '';
  return `<h2>Adversarial examples</h2><div class="gallery">${gallery.map(itemHtml).join('\n')}</div>`;
}

function itemHtml(item: GalleryItem | OutputGalleryItem): string {
  const { image, values } = item;
  const labels =
    `${changeHtml(item)}` +
    `<p class="muted">example ${item.index}, ${escapeHtml(item.attack)}, ${escapeHtml(item.threatModel)}, ${'text' in item ? distanceText(item) : `distance ${item.distance.toPrecision(3)}`}</p>`;
  const pictures = image
    ? `<div class="pictures">${picture(image.original, 'original')}${picture(image.adversarial, 'adversarial')}${picture(image.difference, `difference × ${image.magnification}`)}</div>`
    : '';
  const rows = values?.names
    .slice(0, 8)
    .map((name, i) => [name, number(values.original[i]), number(values.adversarial[i])]);
  const wave = item.waveform
    ? `<figure>${waveformSvg(item.waveform)}<figcaption>${escapeHtml(describeWaveform(item.waveform))}</figcaption></figure>`
    : '';
  const text =
    'text' in item && item.text ? `<p class="text" dir="auto">${item.text.pieces.map(pieceHtml).join('')}</p>` : '';
  return `<div class="item${text === '' ? '' : ' wide'}">${text}${wave}${pictures}${rows ? tableHtml(['Feature', 'Original', 'Adversarial'], rows) : ''}${labels}</div>`;
}

function pieceHtml({ before, after }: { readonly before: string; readonly after: string }): string {
  if (before === after) return escapeHtml(before);
  const gone = before === '' ? '' : `<del>${escapeHtml(before)}</del>`;
  return `${gone}${after === '' ? '' : `<ins>${escapeHtml(after)}</ins>`}`;
}

function changeHtml(item: GalleryItem | OutputGalleryItem): string {
  if ('target' in item) {
    const list = (row: readonly number[]) => row.map(number).join(', ');
    return `<p>${list(item.clean)} → <strong>${list(item.adversarial)}</strong> (true value ${list(item.target)})</p>`;
  }
  const { clean, adversarial } = item;
  return `<p>${escapeHtml(clean.label)} (${percent(clean.confidence)}) → <strong>${escapeHtml(adversarial.label)}</strong> (${percent(adversarial.confidence)})</p>`;
}

function picture(uri: string, caption: string): string {
  return `<figure><img src="${escapeHtml(uri)}" alt="${escapeHtml(caption)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function number(value: number | undefined): string {
  return value === undefined ? '' : value.toPrecision(4);
}

const style = `
:root { color-scheme: light dark; --line: #8884; --muted: #7a7a7a; --clean: #2f7ed8; --mark: #c4314b; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.heat { background: color-mix(in srgb, var(--mark) var(--lost), transparent); padding-left: .4rem; }
.note { border-left: 4px solid var(--mark); padding-left: .8rem; font-weight: 600; }
.muted, figcaption { color: var(--muted); font-size: .85rem; }
.pitfalls { list-style: none; padding: 0; } .pitfalls > li { border-left: 4px solid var(--line); padding-left: .8rem; margin: .8rem 0; }
.pitfalls > .error { border-color: #c4314b; } .pitfalls > .warning { border-color: #c98a00; }
.curves, .gallery { display: flex; flex-wrap: wrap; gap: 1.5rem; } figure { margin: 0; }
.pictures { display: flex; gap: .5rem; } .pictures img { width: 7rem; height: 7rem; object-fit: contain; image-rendering: pixelated; border: 1px solid var(--line); }
.item p { margin: .2rem 0; } .item.wide { flex: 1 1 24rem; } .item .text { border-left: 3px solid var(--line); padding-left: .8rem; overflow-wrap: anywhere; white-space: pre-line; }
del { color: var(--muted); } ins { background: color-mix(in srgb, var(--mark) 28%, transparent); text-decoration: underline; font-weight: 600; } svg { width: 30rem; max-width: 100%; height: auto; }
svg .axis { stroke: currentColor; stroke-opacity: .35; } svg .line { fill: none; stroke: var(--clean); stroke-width: 2; }
svg .band { fill: var(--clean); fill-opacity: .18; } svg.waveform { width: 20rem; } figure:has(> .waveform) { max-width: 20rem; } svg .wave { fill: var(--clean); fill-opacity: 0; stroke: var(--clean); stroke-width: 1.2; } svg .wave-changed { fill: none; stroke: var(--mark); stroke-width: 1; }
svg .dot { fill: var(--clean); fill-opacity: .55; } svg .mark { stroke: var(--mark); stroke-dasharray: 4 3; }
svg .chance { stroke: currentColor; stroke-opacity: .5; stroke-dasharray: 2 3; } svg text { font-size: 11px; fill: currentColor; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } .item, tr { break-inside: avoid; } }
`;
