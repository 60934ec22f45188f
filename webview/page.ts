import type { Context } from './context';
import { h } from './dom';
import { attacks } from './section/attacks';
import { corruptions } from './section/corruptions';
import { curve } from './section/curve';
import { gallery } from './section/gallery';
import { header } from './section/header';
import { headline } from './section/headline';
import { perClass } from './section/perClass';
import { pitfalls } from './section/pitfalls';
import { provenance } from './section/provenance';
import { gates, shifts } from './section/shifts';
import { status } from './section/status';
import { tradeoff } from './section/tradeoff';

/** The whole report as a fresh tree, which `morph` works into the page. */
export function page(ctx: Context): HTMLElement {
  return h(
    'main',
    { class: 'page' },
    header(ctx),
    status(ctx),
    headline(ctx),
    pitfalls(ctx),
    gates(ctx),
    h('div', { class: 'row', 'data-key': 'curve-row' }, curve(ctx), tradeoff(ctx)),
    attacks(ctx),
    corruptions(ctx),
    shifts(ctx),
    perClass(ctx),
    gallery(ctx),
    provenance(ctx),
  );
}
