import type { Add } from './csv';
import type { Report } from './schema';

/** The figures of several models as one; `item` is a member, or two of them. */
export function addEnsemble({ ensemble }: Pick<Report, 'ensemble'>, add: Add): void {
  if (!ensemble) return;
  for (const name of ['agreement', 'anyRight', 'allRight'] as const) add('ensemble', {}, name, ensemble[name]);
  for (const { name: item, accuracy } of ensemble.members) add('ensemble', { item }, 'accuracy', accuracy);
  for (const { first, second, share } of ensemble.disagreement)
    add('ensemble', { item: `${first}/${second}` }, 'disagreement', share);
  for (const { threatModel, throughAll, inParts, gain, members } of ensemble.threatModels) {
    add('ensemble', { threatModel }, 'throughAll', throughAll);
    add('ensemble', { threatModel }, 'inParts', inParts);
    if (gain) {
      const { difference: value, low, high, against: item } = gain;
      add('ensemble', { threatModel, item }, 'gain', { value, low, high, n: throughAll?.n ?? 0 });
    }
    for (const { name: item, alone, transfer, onEnsemble } of members) {
      add('ensemble', { threatModel, item }, 'alone', alone);
      add('ensemble', { threatModel, item }, 'transfer', transfer);
      add('ensemble', { threatModel, item }, 'onEnsemble', onEnsemble);
    }
  }
}
