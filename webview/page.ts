import type { Context, OutputContext } from './context';
import { h } from './dom';
import { outputAttacks } from './output/attacks';
import { changes } from './output/changes';
import { outputCorruptions } from './output/corruptions';
import { outputGallery } from './output/gallery';
import { outputHeadline } from './output/headline';
import { reach } from './output/reach';
import { residuals } from './output/residuals';
import { attacks } from './section/attacks';
import { baseline } from './section/baseline';
import { calibrationPressure } from './section/calibrationPressure';
import { calibration, selective } from './section/cleanCalibration';
import { confusion } from './section/cleanConfusion';
import { groups } from './section/cleanGroups';
import { cleanMetrics } from './section/cleanMetrics';
import { corruptions } from './section/corruptions';
import { curve } from './section/curve';
import { ensemble } from './section/ensemble';
import { gallery } from './section/gallery';
import { header } from './section/header';
import { headline } from './section/headline';
import { ladder } from './section/ladder';
import { minimalNorm } from './section/minimalNorm';
import { perClass } from './section/perClass';
import { pitfalls } from './section/pitfalls';
import { provenance } from './section/provenance';
import { recommendations } from './section/recommendations';
import { gates, outputShifts, shifts } from './section/shifts';
import { spatial, universal } from './section/spatial';
import { stability } from './section/stability';
import { status } from './section/status';
import { targets } from './section/targets';
import { texts } from './section/texts';
import { tradeoff } from './section/tradeoff';

/** The whole report as a fresh tree, which `morph` works into the page. */
export function page(ctx: Context): HTMLElement {
  const smallest = minimalNorm(ctx);
  return h(
    'main',
    { class: 'page' },
    header(ctx),
    status(ctx),
    headline(ctx),
    pitfalls(ctx),
    recommendations(ctx),
    gates(ctx),
    baseline(ctx),
    h(
      'div',
      { class: 'row', 'data-key': 'curve-row' },
      curve(ctx),
      // The ladder stands beside whichever chart has room.
      smallest === null ? h('div', { 'data-key': 'aside' }, tradeoff(ctx), ladder(ctx)) : tradeoff(ctx),
    ),
    smallest === null ? null : h('div', { class: 'row', 'data-key': 'minimal-row' }, smallest, ladder(ctx)),
    targets(ctx),
    attacks(ctx),
    ensemble(ctx),
    spatial(ctx),
    universal(ctx),
    corruptions(ctx),
    stability(ctx),
    shifts(ctx),
    cleanMetrics(ctx),
    row('calibration-row', calibration(ctx), selective(ctx)),
    calibrationPressure(ctx),
    groups(ctx),
    perClass(ctx),
    confusion(ctx),
    gallery(ctx),
    texts(ctx),
    provenance(ctx),
  );
}

/** Two parts beside one another; nothing where there is neither. */
function row(key: string, left: HTMLElement | null, right: HTMLElement | null): HTMLElement | null {
  return left === null && right === null ? null : h('div', { class: 'row', 'data-key': key }, left, right);
}

/** The report on a model that predicts numbers. */
export function outputPage(ctx: OutputContext): HTMLElement {
  return h(
    'main',
    { class: 'page' },
    header(ctx),
    status(ctx),
    outputHeadline(ctx),
    pitfalls(ctx),
    recommendations(ctx),
    gates(ctx),
    reach(ctx),
    changes(ctx),
    outputAttacks(ctx),
    outputCorruptions(ctx),
    residuals(ctx),
    outputShifts(ctx),
    outputGallery(ctx),
    provenance(ctx),
  );
}
