import { testRule } from '../rule-tester';

testRule('gradient-masking-as-defence', {
  valid: [
    'Adversarial training makes the classifier robust to white-box attacks.',
    'Randomized smoothing gives a classifier that is provably robust in l2.',
    'Median filtering makes the classifier robust to salt-and-pepper noise.',
    'The denoiser makes the speech model robust to background noise.',
    'Gradient clipping stabilizes training, and the model is robust to label noise.',
    'TRADES makes the network robust to linf attacks of size 8/255.',
    'JPEG compression hardly lowers accuracy: the model is robust to compression artifacts.',
    'Randomized smoothing makes the classifier provably robust against l2 perturbations.',
    'Adversarial training makes the model robust to white-box attacks.',
  ],
  invalid: [
    'Our defense hides the gradients from the attacker, which makes the model robust.',
    'JPEG compression as a preprocessing step protects the classifier against adversarial examples.',
    'The non-differentiable preprocessing makes the classifier robust to adversarial attacks.',
    'Random resizing and padding defend the network against adversarial attacks.',
    'Feature squeezing makes the classifier robust to adversarial examples.',
    'A denoising autoencoder removes adversarial perturbations before classification, so the model is robust.',
    'The binarized activations stop gradient-based attacks, so the network is robust.',
    'Because gradients vanish, attackers cannot craft adversarial examples, so the model is robust.',
    'Defensive distillation makes the network robust against adversarial attacks.',
    'Randomly dropping neurons at inference time makes the network robust against adversarial attacks.',
    'Our stochastic activation pruning defends the model against adversarial attacks.',
    'The purification network cleans adversarial inputs and so protects the classifier from attacks.',
    'An input filter sanitizes images and makes the model resistant to adversarial examples.',
    'Total variation minimization of the input protects against adversarial attacks.',
    'Our non-differentiable quantizer makes the model robust to adversarial attacks.',
    'A median filter and random resizing defend the classifier against adversarial attacks.',
    'The model is robust against adversarial attacks because it hides gradients.',
  ],
});
