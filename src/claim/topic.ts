import type { Sentence } from './document/types';

/** Whether a document is about machine learning; `null` when it is too short to tell. */
export type Topic = boolean | null;

/**
 * Whether a document is about machine learning: several of its words in its sentences and headings. Software that is
 * not has parsers, interfaces and builds that are "robust" too, so in such a document nothing is a claim.
 */
export function isLearningDocument(sentences: readonly Sentence[]): Topic {
  const seen = new Set<string>();
  let count = 0;
  for (const sentence of sentences) {
    for (const match of `${sentence.headings.at(-1) ?? ''} ${sentence.plain}`.matchAll(documentWords)) {
      seen.add(match[0].toLowerCase());
      count++;
    }
    if (seen.size >= 4 && count >= 8) return true;
  }
  if (sentences.length < 8) return seen.size >= 2 ? true : null;
  return seen.size >= 2 && count >= Math.min(8, sentences.length / 8);
}

/** Words that hardly occur outside machine learning. */
const documentWords =
  /\b(?:neural|deep[- ]learning|machine[- ]learning|classifiers?|data ?sets?|trained|pre-?trained|fine-?tun\w+|adversarial(?:ly)?|pytorch|tensorflow|onnx|imagenet|cifar\S*|mnist|resnet\S*|cnns?|llms?|language models?|embeddings?|segmentation|inference|epochs?|overfitting|reinforcement learning|auc|yolo\S*|bert|gan|detectors?|robust accuracy|clean accuracy|pgd|fgsm|transformers?|speech recognition|word error rate|scikit-learn|sklearn|keras|hugging ?face|federated learning|random forests?|xgboost|lightgbm|gradient boosting|convolutional|(?:self-|semi-|un)?supervised|diffusion models?|test (?:set|accuracy)|confusion matrix|domain (?:adaptation|generali[sz]ation)|lstms?|object detection)\b/gi;

/** A stem of every phrase that can assert robustness. */
const anyTrigger =
  /robust|resilien|resist|withst|invarian|immun|insensitiv|toler|impervious|harden|unaffected|equivarian|certif|provabl|verif|guarantee|generali|defen|protect|guard|block|thwart|neutrali|repel|counter|defeat|handl|cope|effective|recover|remov|reject|filter|surviv|mitigat|less (?:affected|sensitive|vulnerable|susceptible|prone|likely)|hard(?:er)? to|difficult to|impossible to|improvement|reduction|perform|work|operat|function|behav|maintain|preserv|retain|keep|sustain|reliab|stable|accura|consisten|attack|evasion|clean|natural|stop|prevent|graceful|improv|achiev|increas|rais|transfer|jailbreak|injection|backdoor|\beven |can(?:not|['’]t| not) be|secure|intact|unchanged|correct|right|regardless|irrespective|whatever|no matter|hardly|barely|affected|los(?:es|ing)|drop|fool|equally|fails?\b|invarian|collects|scores/i;

/** A quick look before the parser runs: false only if `checkDocument` would find nothing. */
export function mayHoldClaims(text: string): boolean {
  if (text.includes('robustness-disable')) return true;
  if (!anyTrigger.test(text)) return false;
  // Below this a document may be too short for a topic, and every sentence is looked at.
  if (text.length < 4000) return true;
  const seen = new Set<string>();
  for (const match of text.matchAll(documentWords)) {
    seen.add(match[0].toLowerCase());
    if (seen.size >= 2) return true;
  }
  return false;
}
