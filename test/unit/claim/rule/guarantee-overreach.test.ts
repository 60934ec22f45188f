import { testRule } from '../rule-tester';

testRule('guarantee-overreach', {
  valid: [
    'The smoothed classifier is guaranteed to be robust within an l2 radius of 0.25.',
    'For every perturbation of size at most ε = 2/255 in linf, the prediction of the certified network is unchanged on 41 % of the images; clean accuracy is 70 %.',
    'Adversarial training improves robustness to white-box attacks.',
    'The model is robust to fog in most scenes.',
    'The classifier is mostly robust to JPEG compression.',
    'All layers are quantized, and the model is robust to noise.',
    'The network is guaranteed to be robust within an l2 radius of 0.5.',
    'The network is robust to Gaussian noise.',
    'The smoothed classifier offers provable robustness guarantees within an l2 radius of 0.5.',
    'The model is robust: it has the lowest average drop across all perturbations, 3 points.',
  ],
  invalid: [
    'Our defense guarantees that the model is robust to adversarial attacks.',
    'The detector is immune to adversarial patches.',
    'Adversarial training ensures robustness.',
    'The model is robust against all known attacks.',
    'The face recognition system cannot be spoofed.',
    'The model is completely robust to noise.',
    'The network is robust under all weather conditions.',
    'The pipeline eliminates adversarial attacks entirely and makes the model robust.',
    'The model never misclassifies adversarial inputs, so it is robust.',
    'Adversarial training ensures that the model is robust to attacks.',
    'Our classifier is immune to adversarial examples.',
    'The detector resists all attacks.',
    'The network works reliably under any lighting conditions.',
    'The assistant cannot be jailbroken.',
    'The aggregation is robust: malicious clients cannot poison the global model.',
  ],
});
