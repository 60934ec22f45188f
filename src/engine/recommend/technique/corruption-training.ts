import type { Report } from '../../report/schema';
import type { SourceName } from '../sources';
import type { Finding, Technique } from '../types';
import { atLeast, below, listed, pointerTo } from '../words';

/** Points of accuracy that a corruption may cost. */
const most = 0.1;
/** Corruptions that are named. */
const mostNamed = 3;
const noises = /noise/;

/** Training on disturbed data; of those that cost most, unless a mixture is at hand that covers them. */
export const corruptionTraining: Technique = {
  name: 'corruption-training',
  title: 'Augmentation with the corruptions that cost most',
  sources: ['augmix', 'deepAugment'],
  // Mean corruption error 65.3 instead of 76.7; clean error 22.47 instead of 23.85.
  recovered: (76.7 - 65.3) / 76.7,
  lost: (22.47 - 23.85) / 100,
  check({ clean, corruptions, data }: Report): Finding | null {
    if (clean === null || corruptions === null) return null;
    const threshold = clean.accuracy.value - most;
    const failing = corruptions.byCorruption
      .map((row, i) => ({ ...row, i, value: row.accuracy.value }))
      .filter(({ value }) => value < threshold)
      .sort((a, b) => a.value - b.value);
    if (failing.length === 0) return null;
    const worst = new Map<string, (typeof failing)[number]>();
    for (const row of failing) if (!worst.has(row.name)) worst.set(row.name, row);
    const named = [...worst.values()].slice(0, mostNamed);
    const titles = listed(named.map(({ title }) => title));
    const image = data.kind === 'image';
    const more: SourceName[] =
      image && named.some(({ name }) => noises.test(name)) ? ['noiseTraining', 'gaussian'] : [];
    const { meanAccuracy } = corruptions;
    // Half of what corruption costs is more than the sources regained: a gate that a gain by chance does not pass.
    const halfway = Math.min(1, (clean.accuracy.value + meanAccuracy.value) / 2 + 0.005);
    return {
      triggers: [...worst.values()].map(({ i, title, severity, value }) =>
        below(
          pointerTo(`/corruptions/byCorruption/${i}/accuracy`),
          `accuracy under ${title}, severity ${severity}`,
          value,
          threshold,
        ),
      ),
      why: `${titles} ${worst.size === 1 ? 'costs' : 'cost'} more than ${100 * most} points${worst.size > mostNamed ? `, and so ${worst.size === mostNamed + 1 ? 'does another' : `do ${worst.size - mostNamed} others`}` : ''}.`,
      action: image
        ? `Train with AugMix, and add ${titles} to the augmentation; then measure on corruptions that it has not been trained on as well, since each may buy its gain elsewhere. The command “robustness export --corrupted” writes examples as they were measured here.`
        : `Put ${titles} into the training data, at the rate at which they are to be expected. What follows was measured on images; for ${data.kind} data the cost on clean accuracy is not reported.`,
      gates: [`corruptions.meanAccuracy >= ${atLeast(halfway)}`],
      shortfall: { corruption: Math.max(0, clean.accuracy.value - meanAccuracy.value) },
      ...(more.length > 0 ? { sources: more } : {}),
    };
  },
};
