import { accuracyOfCascade, conclusive, finished, isGradientFree } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { figureText, listed } from '../words';

/** A white-box figure of an ensemble on which no attack followed the gradient through all of its members. */
export const ensembleAttackedInParts: PitfallRule = {
  name: 'ensemble-attacked-in-parts',
  severity: 'error',
  source:
    'He, Wei, Chen, Carlini & Song, Adversarial Example Defenses: Ensembles of Weak Defenses are not Strong, WOOT 2017, §3; Tramèr, Carlini, Brendel & Mądry, On Adaptive Attacks to Adversarial Example Defenses, NeurIPS 2020, on ensemble diversity',
  check(report) {
    const { ensemble } = report.model;
    if (!ensemble) return [];
    return finished(report).flatMap((threat): Finding[] => {
      const { attacks, knowledge, name } = threat;
      if (knowledge !== 'white-box' || !attacks.every(isGradientFree)) return [];
      const transfers = attacks.filter((attack) => attack.name === 'transfer');
      const blocked = ensemble.members.filter(({ differentiable }) => !differentiable);
      const parts = report.ensemble?.threatModels.find(({ threatModel }) => threatModel === name);
      const whole = parts?.throughAll ?? null;
      const known = accuracyOfCascade(report, name);
      const lower = whole !== null && known !== null && whole.value < known;
      return [
        {
          severity: conclusive(threat) ? 'warning' : 'error',
          message: `No attack on ${name} went through all ${ensemble.members.length} members of the ensemble at once${transfers.length > 0 ? ': what is made on one of them says little of the whole' : ''}.`,
          evidence: [
            `attacks that ran on all examples: ${listed(attacks.map(({ title }) => title))}`,
            `robust accuracy (${name}): ${figureText(threat.robustAccuracy!)}`,
            ...(blocked.length > 0 ? [`without a gradient: ${listed(blocked.map((member) => member.name))}`] : []),
            ...(lower ? [`attacked through all members, a sample stands at ${figureText(whole)}`] : []),
          ],
          advice:
            blocked.length > 0
              ? 'Export the members without a gradient with operators that can be differentiated, or state the attacker as black-box.'
              : 'Add a gradient attack to the threat model (`apgd-ce`), or leave `attacks` out to get those that fit.',
          ...(blocked.length > 0
            ? {}
            : {
                mitigation: {
                  label: 'Attack Through All Members',
                  command: 'rerun' as const,
                  changes: { threatModels: [name], addAttacks: ['apgd-ce' as const] },
                },
              }),
        },
      ];
    });
  },
};
