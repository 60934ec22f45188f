import type { Cost } from './types';

/**
 * What publications report, by a short name. The figures of RobustBench, of the ImageNet-C leaderboard, of the robust ImageNet models, of
 * smoothing and of the union of norms were checked in the benchmarks' and the authors' own repositories; those of temperature scaling,
 * batch statistics, selective classification and obfuscated gradients in texts that quote the papers. Those of mixup, group DRO and ensembles
 * under shift are as the papers are commonly cited, and were not checked again. The same rows stand in docs/recommendations.md; a test
 * holds that page to them.
 */
const entries = {
  madry: {
    text: 'CIFAR-10, adversarially trained ResNet-50 at linf 8/255: clean accuracy 87.03 %, robust 49.25 % by AutoAttack; a standard WideResNet-28-10 has 94.78 % and 0 %.',
    source:
      'Madry et al., ICLR 2018 (method); RobustBench, CIFAR-10 linf, entries Engstrom2019Robustness and Standard (Croce et al. 2021)',
    url: 'https://arxiv.org/abs/1706.06083',
  },
  madryL2: {
    text: 'CIFAR-10, adversarially trained ResNet-50 at l2 0.5: clean accuracy 90.83 %, robust 69.24 % by AutoAttack; standard training has 94.78 % clean.',
    source: 'RobustBench, CIFAR-10 l2, entry Engstrom2019Robustness (Croce et al. 2021)',
    url: 'https://arxiv.org/abs/2010.09670',
  },
  trades: {
    text: 'CIFAR-10, TRADES on WideResNet-34-10 at linf 0.031: clean accuracy 84.92 %, robust 53.08 % by AutoAttack; standard training has 94.78 % clean.',
    source: 'Zhang et al., ICML 2019; RobustBench, CIFAR-10 linf, entry Zhang2019Theoretically',
    url: 'https://arxiv.org/abs/1901.08573',
  },
  unlabelled: {
    text: 'CIFAR-10, with 500,000 further images that are labelled by the model, WideResNet-28-10 at linf 8/255: clean accuracy 89.69 %, robust 59.53 % by AutoAttack, against 84.92 % and 53.08 % of TRADES without them.',
    source: 'Carmon et al., NeurIPS 2019; RobustBench, CIFAR-10 linf, entry Carmon2019Unlabeled',
    url: 'https://arxiv.org/abs/1905.13736',
  },
  robustImageNet: {
    text: 'ImageNet, ResNet-50 adversarially trained at linf 4/255: clean accuracy 63.86 %, against 75.80 % of standard training; at linf 0.5/255 it is 73.73 %.',
    source: 'Salman et al., NeurIPS 2020, tables of the released models',
    url: 'https://arxiv.org/abs/2007.08489',
  },
  union: {
    text: 'CIFAR-10, trained against linf 0.03, l2 0.5 and l1 12 together (MSD): clean accuracy 81.7 %, against 83.3 % of training on linf alone; right under all three attacks 46.1 %, against 15.6 %.',
    source: 'Maini, Wong & Kolter, ICML 2020, CIFAR-10 table of the released code',
    url: 'https://arxiv.org/abs/1909.04068',
  },
  smoothing: {
    text: 'ImageNet, smoothed ResNet-50: accuracy 67 % at σ = 0.25 (49 % certified within l2 0.5), 57 % at σ = 0.5 (38 % within l2 1), 44 % at σ = 1; the unsmoothed network has about 76 %. A prediction takes many passes (1,000 in the paper: 1.5 s).',
    source: 'Cohen, Rosenfeld & Kolter, ICML 2019, ImageNet table',
    url: 'https://arxiv.org/abs/1902.02918',
  },
  augmix: {
    text: 'ImageNet-C, ResNet-50 with AugMix: mean corruption error 65.3 % instead of 76.7 %, clean error 22.47 % instead of 23.85 %: no cost on clean accuracy.',
    source: 'Hendrycks et al., ICLR 2020; leaderboard of the ImageNet-C repository',
    url: 'https://arxiv.org/abs/1912.02781',
  },
  deepAugment: {
    text: 'ImageNet-C, ResNet-50 with DeepAugment and AugMix: mean corruption error 53.6 % instead of 76.7 %, clean error 24.2 % instead of 23.85 %.',
    source: 'Hendrycks et al., ICCV 2021; leaderboard of the ImageNet-C repository',
    url: 'https://arxiv.org/abs/2006.16241',
  },
  noiseTraining: {
    text: 'ImageNet-C, ResNet-50 with adversarial noise training, ANT (3x3): mean corruption error 63 % instead of 76.7 %, clean error 23.9 % instead of 23.85 %.',
    source: 'Rusak et al., ECCV 2020; leaderboard of the ImageNet-C repository',
    url: 'https://arxiv.org/abs/2001.06057',
  },
  gaussian: {
    text: 'CIFAR-10-C, ResNet-18, Gaussian noise on 50 % of the training examples: clean accuracy 93.24 %, mean accuracy under corruption 85.04 %. Its noise is among those that it was measured on.',
    source:
      'Kireev, Andriushchenko & Flammarion, 2021; RobustBench, CIFAR-10 corruptions, entry Kireev2021Effectiveness_Gauss50percent',
    url: 'https://arxiv.org/abs/2103.02325',
  },
  batchNorm: {
    text: 'ImageNet-C, ResNet-50 whose batch statistics are taken anew from the corrupted data: mean corruption error 62.2 % instead of 76.7 %. It needs many examples of the new data at once; a cost on clean accuracy was not looked up.',
    source: 'Schneider et al., NeurIPS 2020',
    url: 'https://arxiv.org/abs/2006.16971',
  },
  temperature: {
    text: 'CIFAR-100, ResNet-110: calibration error 1.26 % instead of 16.53 %. One number divides the logits, so no prediction and no accuracy changes.',
    source: 'Guo et al., ICML 2017, table 1',
    url: 'https://arxiv.org/abs/1706.04599',
  },
  ovadia: {
    text: 'Temperature scaling on clean data does not hold under shift; ensembles of five networks were the best calibrated there of all methods compared. No cost on clean accuracy is reported; every member costs a pass.',
    source: 'Ovadia et al., NeurIPS 2019; Lakshminarayanan, Pritzel & Blundell, NeurIPS 2017',
    url: 'https://arxiv.org/abs/1906.02530',
  },
  selective: {
    text: 'ImageNet, top 5: an error of 2 % with probability 99.9 % at a coverage of almost 60 %. No prediction changes; the cost is the examples that are refused.',
    source: 'Geifman & El-Yaniv, NeurIPS 2017, abstract',
    url: 'https://arxiv.org/abs/1705.08500',
  },
  groupDro: {
    text: 'Worst-group accuracy 10 to 40 points higher on MultiNLI, Waterbirds and CelebA with high average accuracy kept, by group DRO with strong regularisation or early stopping; without these it gained little.',
    source: 'Sagawa et al., ICLR 2020, abstract',
    url: 'https://arxiv.org/abs/1911.08731',
  },
  mixup: {
    text: 'CIFAR-10, PreAct ResNet-18 with mixup: clean error 4.2 % instead of 5.6 %: no cost on clean accuracy.',
    source: 'Zhang et al., ICLR 2018, figure 3',
    url: 'https://arxiv.org/abs/1710.09412',
  },
  obfuscated: {
    text: 'Of nine defences of ICLR 2018, seven rested on obfuscated gradients: six of these were circumvented completely and one in part. What such a defence costs in clean accuracy is paid for nothing.',
    source: 'Athalye, Carlini & Wagner, ICML 2018, abstract',
    url: 'https://arxiv.org/abs/1802.00420',
  },
} as const satisfies Record<string, Cost>;

export type SourceName = keyof typeof entries;
export const sources: Readonly<Record<SourceName, Cost>> = entries;
