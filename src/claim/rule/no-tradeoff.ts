import { statesRobustFigure } from '../condition';
import type { ClaimRule } from './types';

const cleanWords =
  /\b(?:clean|natural|standard|benign|in-distribution|without (?:an |any )?(?:attacks?|noise|perturbations?|corruptions?|occlusion|defen[sc]e)|in the absence of \w+|before (?:the )?attack|un(?:perturbed|disturbed|occluded|corrupted|distorted|blurred|attacked|compressed|modified|altered)|noise-free|original)\b[^.;]{0,40}(?:accurac|performance|error|reward|data|figure|\d)|calm\b|\d\s?\\?%[^.;\d]{0,25}\b(?:without (?:an |any )?(?:attacks?|noise|perturbations?|corruptions?|occlusion)|in the absence|(?:in|on|with|for|under) (?:clear|clean|undisturbed|normal|ordinary|quiet|original|daylight|in-distribution))\b/i;

/** "Drops from 92 % to 63 %": both ends are there. */
const drop =
  /\b(?:drop|fall|fell|declin|decreas|reduc|lower|sink|goes|go|down)\w*\b[^.;]{0,40}\bfrom \d[\d.]*\s?\\?%?[^.;\d]{0,20}\bto \d[\d.]*\s?\\?%/i;

/** "Cuts the attack success rate from 41 % to 3 %": neither end is of accuracy. */
const attackSuccess = /\b(?:attack|evasion|injection|jailbreak) success|\bASR\b|\bsuccess rates? of|\bevasion\b/i;

export const noTradeoff: ClaimRule = {
  name: 'no-tradeoff',
  severity: 'info',
  source: 'Tsipras et al. 2019, Robustness May Be at Odds with Accuracy; Croce et al. 2021, RobustBench',
  summary: 'A robust figure needs the clean figure beside it.',
  check: (claim) => {
    if (claim.kind === 'stability' || !statesRobustFigure(claim)) return null;
    const best = Math.max(
      ...claim.facts.figures.flatMap(({ role, value }) => (role === 'robust' || role === 'certified' ? [value] : [])),
    );
    // "91 % accuracy, 61 % under PGD": the clean figure need not say that it is clean.
    const clean = claim.nearby.figures.some(
      ({ role, value }) => role === 'clean' || (role === 'plain' && Number.isFinite(best) && value > best),
    );
    return clean ||
      cleanWords.test(claim.nearbyText) ||
      (drop.test(claim.nearbyText) && !attackSuccess.test(claim.nearbyText))
      ? null
      : 'This gives a figure for robustness without the clean figure beside it; state both, so that the trade-off can be seen.';
  },
};
