import type { GalleryItem } from '../../src/engine/report/schema';
import { attackLabel } from '../attackNames';
import type { Context } from '../context';
import { type Child, h } from '../dom';
import { normLabel, percent, plural, significant } from '../format';
import { section, toggle } from '../parts';
import { waveform } from './waveform';

const SHOWN = 8;
const FEATURES = 8;

/** Examples that an attack broke, before and after. */
export function gallery(ctx: Context): HTMLElement | null {
  const { report, threat } = ctx;
  const items = report.gallery.filter((item) => threat === null || item.threatModel === threat.name);
  if (items.length === 0) return null;
  const rest = items.slice(SHOWN);
  return section(
    'gallery',
    'Gallery of adversarial examples',
    h('span', { class: 'muted' }, 'each confirmed on the original model file'),
    grid(items.slice(0, SHOWN), ctx),
    rest.length === 0 ? null : toggle(ctx, 'gallery-rest', `Show ${rest.length} more`, grid(rest, ctx)),
  );
}

function grid(items: readonly GalleryItem[], ctx: Context): HTMLElement {
  return h('ul', { class: 'gallery' }, ...items.map((item) => card(item, ctx)));
}

function card(item: GalleryItem, { threat }: Context): HTMLElement {
  const attack = threat?.attacks.find(({ name }) => name === item.attack)?.title ?? attackLabel(item.attack);
  const counted = threat?.counts === undefined ? '' : ` ${threat.counts}`;
  const norm = threat === null ? '' : `${normLabel(threat.norm)} `;
  const distance = item.text
    ? `${plural(item.distance, 'character')} edited`
    : `${norm}distance ${significant(item.distance)}${counted}`;
  return h(
    'li',
    { class: item.text ? 'example example-text' : 'example', 'data-key': `${item.threatModel} ${item.index}` },
    item.waveform === undefined ? null : waveform(item.waveform),
    item.image === null
      ? null
      : pictures(item.image, { index: item.index, before: item.trueLabel, after: item.adversarial.label }),
    h(
      'p',
      { class: 'labels' },
      answer(item.clean, item.clean.label === item.trueLabel),
      h('span', { class: 'becomes', 'aria-label': 'becomes' }, '→'),
      answer(item.adversarial, false),
    ),
    item.values === null ? null : features(item.values),
    item.text ? changedText(item.text) : null,
    h('p', { class: 'muted' }, `No. ${item.index}, ${attack}, ${distance}`),
  );
}

function answer({ label, confidence }: GalleryItem['clean'], right: boolean): HTMLElement {
  return h(
    'span',
    { class: `answer ${right ? 'answer-right' : 'answer-wrong'}` },
    h('b', { title: label }, label),
    h('small', {}, percent(confidence, 0)),
  );
}

/** A text with what was taken out and what was put in. */
export function changedText({ pieces }: NonNullable<GalleryItem['text']>): HTMLElement {
  return h(
    'p',
    { class: 'text', dir: 'auto' },
    ...pieces.flatMap(({ before, after }): Child[] => {
      if (before === after) return [before];
      return [before === '' ? null : h('del', {}, visible(before)), after === '' ? null : h('ins', {}, visible(after))];
    }),
  );
}

/** A space or a line break that was put in or taken out shows as a sign. */
function visible(text: string): string {
  return text.replaceAll(' ', '␣').replaceAll('\n', '⏎');
}

/** Before, after and their difference. */
export function pictures(
  image: NonNullable<GalleryItem['image']>,
  { index, before, after }: { readonly index: number; readonly before: string; readonly after: string },
): HTMLElement {
  const picture = (source: string, caption: string, text: string) =>
    h('figure', {}, h('img', { src: safeImage(source), alt: text }), h('figcaption', {}, caption));
  return h(
    'div',
    { class: 'pictures' },
    picture(image.original, 'original', `Original example ${index}, ${before}`),
    picture(image.adversarial, 'adversarial', `Adversarial example ${index}, taken for ${after}`),
    picture(
      image.difference,
      `difference ×${significant(image.magnification)}`,
      `Difference of the two, magnified ${significant(image.magnification)} times about grey`,
    ),
  );
}

/** Reports are files that anyone may have written: only inline pictures are shown. */
export function safeImage(source: string): string {
  return /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*$/.test(source) ? source : '';
}

export interface Change {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** The features that moved most, largest first. */
export function largestChanges(values: NonNullable<GalleryItem['values']>, most: number): Change[] {
  return values.original
    .map((before, i) => ({ name: values.names[i] ?? `feature ${i}`, before, after: values.adversarial[i] ?? before }))
    .filter(({ before, after }) => before !== after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
    .slice(0, most);
}

export function features(values: NonNullable<GalleryItem['values']>): HTMLElement {
  const changes = largestChanges(values, FEATURES);
  return h(
    'table',
    { class: 'features' },
    h('caption', { class: 'unseen' }, 'Features that changed most'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Feature'),
        ...['Before', 'After', 'Change'].map((title) => h('th', { scope: 'col', class: 'num' }, title)),
      ),
    ),
    h(
      'tbody',
      {},
      ...changes.map(({ name, before, after }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, name),
          h('td', { class: 'num' }, significant(before)),
          h('td', { class: 'num' }, significant(after)),
          h('td', { class: 'num' }, `${after > before ? '+' : ''}${significant(after - before)}`),
        ),
      ),
    ),
  );
}
