import type { ClaimRule } from './types';

const certificate =
  '(?:certif(?:y|ies|ied|iabl[ey]|ying|icates?|ication)|provabl[ey]|prov(?:es|en|ed|ing)(?! (?:to be|itself|(?:\\w+ly )?(?:robust|resistant|resilient)))|(?:formal|mathematical)(?:ly)?|verified|verif(?:ies|ying)|rigorous(?:ly)?|(?:theoretical|worst-case) guarantees?)';
const attack =
  '(?:(?:[abit]-?)?pgd[\\w-]*|apgd[\\w-]*|[ib]?-?fgsm|auto-?attack|deepfool|c&w|carlini[\\w &-]*|fab(?:-t)?|square attack|hop-?skip-?jump\\w*|gradient(?:-based)? attacks?|(?:white|black)-box attacks?|empirical (?:attacks?|evaluation)|attack (?:suites?|experiments?|campaigns?)|(?:all|none of the|no) (?:[\\w-]+ ){0,3}attacks?|red[- ]team\\w*)';
const gap = '[^.;|]{0,70}?';

/** A certificate that rests on an attack: "certified with PGD", "AutoAttack proves that ...", "provably robust: no attack ...". */
const fromAttacks = new RegExp(
  `\\b${certificate}\\b${gap}\\b(?:against|under|by|with|using|via|through|after|since|because|as|to|when|in)\\b[^.;|]{0,40}?\\b${attack}\\b|\\b${attack}\\b${gap}\\b(?:certif(?:y|ies|ied|ying)|prov(?:es?|ed|ing)|verif(?:y|ies|ied|ying)|mak\\w+ (?:it|the \\w+) (?:certif|provabl)\\w+)|\\b(?:certif|provabl)\\w*\\b[^.;|]{0,50}[:(—–-]${gap}\\b${attack}`,
  'i',
);

/** What can give a certificate. */
const certifier =
  /\brandomi[sz]ed[- ]smoothing|\bsmooth(?:ed|ing)\b|\b(?:i?bp|crown|lirpa|milp|smt|sdp|bab|pixeldp|clopper|deeppoly|marabou|neurify|eran)\b|\binterval|\bbound propagation|\bconvex (?:relaxation|outer)|\brelaxations?\b|\blipschitz|\bbranch[- ]and[- ]bound|\babstract (?:interpretation|domain)|\bdifferential privacy|\bcomplete verif|\bformal verif\w+ (?:tools?|engines?)|\bverifier|\bde-?randomi[sz]|\bablation|\bmedian smoothing|\bmask(?:ing|s) (?:certif|defen)|\bmax-?min/i;

export const certificateFromAttacks: ClaimRule = {
  name: 'certificate-from-attacks',
  severity: 'warning',
  source:
    'Cohen et al. 2019, Certified Adversarial Robustness via Randomized Smoothing, section 2; Carlini et al. 2019, On Evaluating Adversarial Robustness, section 3.2',
  summary: 'Attacks that fail prove nothing; only a certificate does.',
  check: ({ sentence, facts, kind, nearbyText }) => {
    if (kind !== 'certified' && kind !== 'adversarial' && kind !== 'security') return null;
    const { prose } = sentence;
    if (!fromAttacks.test(prose) || certifier.test(nearbyText)) return null;
    // "Certified 41 %, 55 % under PGD": both ends of the bracket, each called what it is.
    const bracket =
      facts.figures.some(({ role }) => role === 'certified') && facts.figures.some(({ role }) => role === 'robust');
    // "Proved", "verified" and "formally" alone are also said of experiments: robustness must be what is proved.
    if (
      bracket ||
      !/\bcertif|\bprovabl|\b(?:prov|verif|formal|rigor|guarant)\w*[^.;]{0,60}\b(?:robust|resist|immun|secur|resilien)|\b(?:robust|resist|immun|secur|resilien)\w*[^.;]{0,60}\b(?:prov|verif|formal|guarant)/i.test(
        prose,
      )
    )
      return null;
    return 'This calls a certificate what attacks showed: that they failed. Certify the model (bound propagation, randomized smoothing), or call the figure accuracy under these attacks.';
  },
};
