import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { emptyEvidence } from '../../../src/claim/evidence';

/** The kinds of the claims in a document about machine learning that holds this text. */
const kinds = (text: string, heading = 'Overview') =>
  checkDocument(
    `# A classifier\n\nA neural network trained on a data set in PyTorch.\n\n## ${heading}\n\n${text}\n`,
    'README.md',
    emptyEvidence,
  ).map((claim) => claim.kind);

describe('what is a claim, and of which kind', () => {
  it.each([
    ['Our network is certifiably robust against l2 perturbations with radius 0.5.', 'certified'],
    ['We provide a provable defense with verified accuracy of 61 % on MNIST.', 'certified'],
    ['Our network is robust to adversarial attacks.', 'adversarial'],
    ['The hardened model withstands FGSM and PGD.', 'adversarial'],
    ['The adversarially trained model is much more robust than its plain twin.', 'adversarial'],
    ['The model keeps 45 % accuracy under AutoAttack with linf ε = 8/255.', 'adversarial'],
    ['The guard reliably blocks prompt injections and jailbreaks.', 'security'],
    ['Our aggregation makes training resilient to Byzantine workers.', 'security'],
    ['The watermark survives fine-tuning and is resistant to removal by tampering.', 'security'],
    ['The detector generalizes well to unseen hospitals.', 'shift'],
    ['Our method improves out-of-distribution accuracy by 4 points.', 'shift'],
    ['The recognizer is robust to accents and dialects.', 'shift'],
    ['The tracker works reliably under fog, rain and low light.', 'corruption'],
    ['Embeddings are invariant to rotations and to scale changes.', 'corruption'],
    ['The model is tolerant to missing values.', 'corruption'],
    ['Handles noisy and blurred images.', 'corruption'],
    ['Results of the model are robust to the choice of random seeds.', 'stability'],
    ['The network is insensitive to hyper-parameters.', 'stability'],
    ['We present a robust and fast segmentation network.', 'general'],
    ['A robust neural network for reading digits.', 'general'],
    ['The classifier is fairly stable across random seeds.', 'stability'],
    ['It provides reliable predictions on noisy sensor data.', 'corruption'],
    ['The face model cannot be fooled by replay attacks.', 'security'],
    ['The features are rotation-invariant.', 'corruption'],
    ['The ensemble shows superior robustness.', 'general'],
    ['It is slower than the baseline, but it is robust to noise.', 'corruption'],
    ['It does not need labels and is robust to noise.', 'corruption'],
    ['With 20 % wrong labels the network is right on 81 % of the images.', 'corruption'],
    ['Fog hardly affects the predictions.', 'corruption'],
    ['Under PGD the network loses only 3 points of accuracy.', 'adversarial'],
    ['The assistant cannot be jailbroken.', 'security'],
    ['Verified error drops to 9 % at linf ε = 0.1.', 'certified'],
    // What the property is said to hold against decides over the rest of the sentence.
    ['Tested on photographs from other cities, the detector is robust to rain.', 'corruption'],
    ['A novel tracking network that remains robust to changes in lighting.', 'corruption'],
    ['It works even with background noise and supports multiple languages, thanks to a speech model.', 'corruption'],
    // Where several are named, the greater number, and at a tie the first.
    ['The recognizer is robust to accents and background noise.', 'shift'],
    ['The recognizer is robust to background noise and accents.', 'corruption'],
    ['The encoder is robust to corrupted and out-of-distribution data.', 'corruption'],
    // Any variation of the input; generalisation to something that is not data; what is varied, not what is tuned.
    ['The score of the network is robust against variations in the charge of the precursor.', 'corruption'],
    ['The tagging network shows strong generalization across dialect groups.', 'shift'],
    ['The network has strong performance across different market conditions.', 'shift'],
    ['The model is highly robust to the choice of β.', 'stability'],
    ['The network ensures robust and efficient model selection.', 'general'],
    // Threats to assistants.
    ['The model maintains its safety alignment and accuracy under adversarial fine-tuning.', 'security'],
    ['The assistant is less likely to produce harmful text even under jailbreaks.', 'security'],
    ['A proxy built to protect language model (LLM) applications from prompt injections.', 'security'],
    ['The model is highly robust at recognizing digits.', 'general'],
    // What follows of something in general, and what was measured.
    ['Members disagree, so a network withstands 91 % of PGD attacks.', 'adversarial'],
    ['An adversarially trained network withstands attacks.', 'adversarial'],
    ['A ResNet-50 (pre-trained) for robust feature extraction.', 'general'],
    ['The encoder is a transformer of 12 layers for robust speech recognition.', 'general'],
    // Results told by comparison, by what they stop, by what they hold out in.
    ['The forest has 41 % adversarial accuracy on the road signs, the tree 3 %.', 'adversarial'],
    ['Our detector outperforms TRADES in terms of robust accuracy.', 'adversarial'],
    ['We attack both models and find the smaller one to be more robust.', 'adversarial'],
    ['Its input filter prevents prompt injection attacks.', 'security'],
    ['The guard model improves the defense success rate on every jailbreak.', 'security'],
    ['The network recognizes a voice even in noisy rooms.', 'corruption'],
    ['The classifier shows graceful degradation under blur.', 'corruption'],
    ['Our rule keeps a low attack success rate under model poisoning.', 'security'],
    ['By leaving out old updates, our method reduces its cost, thereby enhancing robustness to noise.', 'corruption'],
    ['On degraded images with poor lighting the detector is robust to occlusion.', 'corruption'],
    ['The policy learned in simulation shows zero-shot sim-to-real transfer to four robots.', 'shift'],
    ['The detector generalizes across kitchens.', 'shift'],
    ['It combines five networks for robust predictions.', 'general'],
    ['A highly robust detection method called Nub is proposed.', 'general'],
    ['Compared with the baseline, the average precision improves by 18.7 % under snow.', 'corruption'],
    // A challenge that is met is no goal, and a definite model after "i.e." no example.
    ['To address this challenge, we built a network that is robust to fog.', 'corruption'],
    [
      'The images hold no fragile features, i.e. the model trained on them is robust to adversarial attacks.',
      'adversarial',
    ],
  ])('%s', (text, kind) => {
    expect(kinds(text)).toEqual([kind]);
  });
});

describe('what is no claim', () => {
  it.each([
    // Questions, goals, instructions, purposes.
    ['Is the model robust to adversarial attacks?'],
    ['How robust is the classifier against noise?'],
    ['The goal of this project is a classifier that is robust to noise.'],
    ['We aim to make the network robust against adversarial attacks.'],
    ['Train a model that is robust to noise.'],
    ['Evaluate robustness against PGD with the script below.'],
    ['We use data augmentation to improve robustness to noise.'],
    ['This technique is used for improving adversarial robustness.'],
    ['In future work we want to make the detector robust to occlusion.'],
    ['Make sure that the model is robust to adversarial attacks.'],
    // Negations, limits, disclaimers.
    ['The model is not robust to adversarial attacks.'],
    ['The classifier is vulnerable to FGSM and fails under fog.'],
    ['The network may not generalize to other hospitals.'],
    ['We do not claim robustness against adversarial attacks.'],
    ['There is no guarantee that the model is robust to noise.'],
    ['Plain training leaves the network without robustness to PGD.'],
    ['The model struggles to generalize to unseen accents.'],
    ['No model is immune to adversarial examples.'],
    ['Under FGSM (ε = 0.03) accuracy falls to 20 %.'],
    ['Dropout was added to prevent overfitting and improve robustness.'],
    // Definitions, measures, tools, attacks.
    ['Robust accuracy is defined as the share of examples that no attack breaks.'],
    ['Robustness means that the output does not change under small perturbations.'],
    ['This toolbox provides attacks for evaluating the robustness of neural networks.'],
    ['A benchmark data set for testing robustness to corruptions.'],
    ['We evaluate the robustness of the classifier against PGD.'],
    ['We study how adversarial training changes robustness to noise.'],
    ['Adversarial patches work reliably under different lighting conditions.'],
    // Such models, whichever they are: the main clause says something else.
    ['Models that are robust to adversarial attacks tend to have smoother gradients.'],
    ['We find that networks which are robust to noise have flatter minima.'],
    ['Augmentations that improve robustness to corruptions perform worse on this data set.'],
    [
      'Several models evaluated as one: what the whole answers, what it withstands when it is attacked through all of its members, and how much of that is left of what an attack on one member at a time would have shown.',
    ],
    ['Its parts need not fail together, so an ensemble withstands attacks on one of them.'],
    // The state of a field: what exists, what was proposed, why it matters.
    ['Existing defenses usually improve robustness at the price of clean accuracy.'],
    ['Among the existing methods, adversarial training keeps state-of-the-art robustness.'],
    ['A number of defenses against adversarial examples have been proposed.'],
    ['Resisting adversarial attacks has received increasing attention.'],
    ['Achieving robust segmentation across hospitals poses many challenges.'],
    ['Adversarial training is one of the most effective defenses against adversarial attacks.'],
    ['While adversarial training improves the robustness of networks, it is slow.'],
    ['Dropout can improve the robustness of a network to noise.'],
    // What is said of a technique wherever it is used.
    ['Data augmentation applies random crops, improving robustness to shifts of the object.'],
    ['Augmentation improves generalization to unseen scanners because it shows more of the world.'],
    // Requirements, titles of recipes, other people's files, checks.
    ['Later versions should defend against prompt injection attacks.'],
    ['The assistant should achieve 90 % accuracy even in noisy rooms.'],
    ['To authorize the team to mitigate adversarial attacks on the model'],
    ["The other project's README states that the model generalizes well to unseen species."],
    ['Red team testing: prompts that mislead the model, ensuring robustness before release.'],
    ['Why it matters: less noise, improved robustness of the model.'],
    // What a program has to withstand.
    ['This makes the model server robust against browsers that send no header.'],
    ['The loader of the model is robust to renamed columns and missing values in the config file.'],
    // Orders within a list, remarks of others, attacks, models at large.
    ['Table 2: from scratch and pretrained; show that the encoder generalizes to unseen cities'],
    ['Reviewers: clear figures, "demonstrates robustness to noise".'],
    ['The patches fool nine networks, demonstrating the strong robustness of adversarial patches to fog.'],
    ['It makes models robust to noise.'],
    ['Always keep principles of the network, because principles generalize to unseen cities.'],
    ['To achieve robustness to noise, the network should be trained for longer.'],
    ['We were tasked with protecting a network against adversarial attacks.'],
    ['Cropping improved the performance on unseen chest images.'],
    // What is granted to be taken back.
    [
      'Although networks achieve excellent performance on photographs in the wild, they are vulnerable to adversarial patches.',
    ],
    ['This avoids the need for a noise-robust classifier.'],
    // Names.
    ['CRC: Carefully Regularized Robust Classifier adapted for images'],
    // What could be done, and what is taught.
    ['The model can be made robust against prompt injection by alignment.'],
    [
      'This tutorial shows how to train a classifier, attack it, and make the model more robust to adversarial examples.',
    ],
    ['You want the most accurate and most robust model.'],
    // Words and findings of others.
    ['A banner saying "our classifier is robust to adversarial attacks" was removed.'],
    ['Our numbers do not replicate the finding that transformers are more robust to adversarial attacks.'],
    ['Also, several works [19], [20] train networks that are robust to changes in lighting.'],
    ['Training longer comes with a decline of robust accuracy under PGD.'],
    ['Common augmentations generalize poorly to unseen corruptions.'],
    // Software, statistics, algorithms and instruments in a document about machine learning.
    ['This function is robust to noisy labels in the file.'],
    ['The ownership model is highly robust.'],
    ['The median is robust to outliers in the data set.'],
    ['AUC is provably robust to this corruption of the labels.'],
    ['A random pivot defends against adversarial inputs with O(n²) time.'],
    ['The system is robust, scalable, and user-friendly.'],
    ['This method is robust against screen size variations.'],
    ['The watch has a certified accuracy of ±2 seconds per day.'],
    ['Model generalizes well to unseen question-answer pairs.'],
    // Only the clause that negates, wishes or quotes is taken back.
    ['The network should be robust to noise once it is retrained.'],
    ['The detector is far from robust to fog.'],
    ['Unlike robust classifiers, ours breaks under noise.'],
    ['Its robustness to rotations is still limited.'],
    ['Adversarial examples are robust to JPEG compression.'],
    // Lists of papers, news, contents, knobs, advice.
    ['[2] J. Doe and A. Roe. Robust networks for everyone. ICML 2020.'],
    ['Doe et al. (2020) show that smoothing is robust to noise.'],
    ['[2024-01-02] Our robust network was accepted.'],
    ['The table shows how robust the networks are to noise.'],
    ['A larger margin makes the network more robust to noise but slower.'],
    ['Cross-validation is key to confirm that your model is robust to noise.'],
    ['People are robust to such noise.'],
    // Other senses of the word.
    ['The data loader has a robust parser and robust error handling.'],
    ['Features are scaled with robust statistics such as the median.'],
    ['Missing values are filled by the median, as the median is robust to outliers.'],
    ['We fit a robust regression with robust standard errors.'],
    // Other people's words.
    ['See [Towards Deep Learning Models Resistant to Adversarial Attacks](https://arxiv.org/abs/1706.06083).'],
    ['The authors claim that their network is robust to adversarial attacks.'],
    ['"Certified Adversarial Robustness via Randomized Smoothing" is the paper to read.'],
    ['Models that appear robust to FGSM are often broken by PGD.'],
  ])('%s', (text) => {
    expect(kinds(text)).toEqual([]);
  });

  it.each([['Limitations'], ['Related work'], ['References'], ['Future work'], ['Goals'], ['Known issues']])(
    'anything under "%s"',
    (heading) => {
      const text = 'The network is robust to adversarial attacks.';
      expect(kinds(text)).toHaveLength(1);
      expect(kinds(text, heading)).toEqual([]);
    },
  );

  it('nothing in the README of a program that does not learn', () => {
    const sentences = [
      'A fast, robust HTTP client.',
      'It is resilient to network failures and handles noisy connections.',
      'The cache is robust against corrupted entries.',
      'Protects against attacks such as CSRF.',
      'Works reliably under all conditions.',
      'The API is stable and robust.',
      'Retries make downloads robust to outages.',
      'Guaranteed delivery, immune to crashes.',
      'Install it with npm.',
    ];
    expect(checkDocument(`# client\n\n${sentences.join('\n\n')}\n`, 'README.md', emptyEvidence)).toEqual([]);
  });
});

describe('what only looks like a result', () => {
  it.each([
    ['The badge is left out where the robust accuracy is 2 % or less.'],
    ['Our model has a robust accuracy of 2 % or less.'],
    ['The interval of the accuracy under Gaussian noise reaches more than 4 points to either side.'],
    ['A broken attack looks like a robust network.'],
  ])('%s', (text) => {
    expect(kinds(text)).toEqual([]);
  });

  it('and beside it a result', () => {
    expect(kinds('Accuracy under Gaussian noise still reaches 84 %.')).toEqual(['corruption']);
  });
});

describe('what only machine learning makes a claim of', () => {
  const found = (text: string) => checkDocument(`${text}\n`, 'README.md', emptyEvidence).length;
  it.each([
    ['The protocol is resistant to timing attacks.'],
    ['The ledger is resistant to attacks on its consensus protocol and to 51 % attacks.'],
    ['The network is resistant to timing attacks.'],
    ['The blockchain withstands Byzantine validators.'],
    ['Authentication that is more resilient to common attacks.'],
    ['ASP.NET is a robust framework in the .NET world.'],
    ['Robust detection of holidays.'],
    ['Robust against numerical precision.'],
    ['RLM: Robust linear models with several estimators.'],
    ['Built upon robust frameworks like XGBoost.'],
    ['Page load time: 58 % improvement in real-world conditions.'],
    ['Robust segmentation of sentences using Intl.Segmenter.'],
    ['It holds steady and increases robustness against perturbations of the temperature.'],
  ])('%s', (text) => {
    expect(found(text)).toBe(0);
  });
  it.each([
    ['The classifier is robust to noise.'],
    ['The network is resistant to adversarial attacks.'],
    ['This module prevents spoofing of the face recognition model.'],
  ])('%s', (text) => {
    expect(found(text)).toBe(1);
  });
});
