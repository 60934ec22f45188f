import type { OutputGalleryItem } from '../../src/engine/report/regression';
import type { OutputContext } from '../context';
import { h } from '../dom';
import { normLabel, quantity, significant } from '../format';
import { section } from '../parts';
import { features, pictures } from '../section/gallery';
import { waveform } from '../section/waveform';

const SHOWN = 8;
/** Outputs written out for an example. */
const OUTPUTS = 3;

/** The examples that attacks moved furthest, before and after. */
export function outputGallery(ctx: OutputContext): HTMLElement | null {
  const { report, threat } = ctx;
  const items = report.gallery.filter((item) => item.threatModel === threat?.name).slice(0, SHOWN);
  if (items.length === 0) return null;
  return section(
    'gallery',
    'Gallery of largest errors',
    h('span', { class: 'muted' }, 'each confirmed on the original model file'),
    h('ul', { class: 'gallery' }, ...items.map((item) => card(item, ctx))),
  );
}

function card(item: OutputGalleryItem, { threat }: OutputContext): HTMLElement {
  const attack = threat?.attacks.find(({ name }) => name === item.attack)?.title ?? item.attack;
  const norm = threat === null ? '' : `${normLabel(threat.norm)} `;
  const [before, after] = [numbers(item.clean), numbers(item.adversarial)];
  return h(
    'li',
    { class: 'example', 'data-key': `${item.threatModel} ${item.index}` },
    item.waveform === undefined ? null : waveform(item.waveform),
    item.image === null ? null : pictures(item.image, { index: item.index, before, after }),
    h(
      'p',
      { class: 'labels' },
      h('span', { class: 'answer' }, h('b', {}, before)),
      h('span', { class: 'becomes', 'aria-label': 'becomes' }, '→'),
      h('span', { class: 'answer answer-wrong' }, h('b', {}, after)),
      h('small', {}, `target ${numbers(item.target)}`),
    ),
    item.values === null ? null : features(item.values),
    h('p', { class: 'muted' }, `No. ${item.index}, ${attack}, ${norm}distance ${significant(item.distance)}`),
  );
}

function numbers(values: readonly number[]): string {
  const rest = values.length > OUTPUTS ? ', …' : '';
  return `${values.slice(0, OUTPUTS).map(quantity).join(', ')}${rest}`;
}
