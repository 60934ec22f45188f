import type { Report } from './schema';
import type { Section } from './section';
import { percent, withInterval } from './words';

/** Rotations and shifts, and one perturbation for all, where they were measured. */
export function beyondSections({ spatial, universal }: Pick<Report, 'spatial' | 'universal'>): Section[] {
  return [...(spatial ? [spatialSection(spatial)] : []), ...(universal ? [universalSection(universal)] : [])];
}

function spatialSection(spatial: NonNullable<Report['spatial']>): Section {
  const { rotation, translation, padding, points, worstCase, meanAccuracy, byRotation } = spatial;
  return {
    title: 'Rotations and shifts',
    paragraphs: [
      `Every example at ${points} rotations of up to ${rotation}° and shifts of up to ${percent(translation)} of its size, with ${padding === 'zeros' ? 'zeros' : 'the nearest pixel of the border'} beyond its edge. This is a threat model of its own: no norm bounds it.`,
      `Right at every one of them: ${withInterval(worstCase)}. On average over them: ${percent(meanAccuracy)}.`,
    ],
    table: {
      columns: ['Rotation', 'Accuracy without a shift'],
      rows: byRotation.map((row) => [`${Number(row.rotation.toFixed(1))}°`, withInterval(row.accuracy)]),
    },
  };
}

function universalSection(universal: NonNullable<Report['universal']>): Section {
  const { threatModel, epochs, madeOn, foolingRate, accuracy, cleanAccuracy } = universal;
  return {
    title: 'Universal perturbation',
    paragraphs: [
      `One perturbation within ${threatModel} for all examples, made on ${madeOn} of them in ${epochs} ${epochs === 1 ? 'pass' : 'passes'} and measured on ${foolingRate.n} others. An attacker needs it once, and needs no example in advance; accuracy under it is an upper bound.`,
    ],
    table: {
      columns: ['Clean accuracy', 'Accuracy under it', 'Fooling rate'],
      rows: [[withInterval(cleanAccuracy), withInterval(accuracy), withInterval(foolingRate)]],
    },
  };
}
