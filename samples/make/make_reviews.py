"""Makes up short reviews of things bought, trains a WordPiece tokenizer and a small transformer on 6,000 of them twice (plainly, and on
reviews with misspellings among them), and writes 200 others as the sample's data.

    python make_reviews.py

No real review is in it: sentences are drawn from the grammar below. What matters for the sample is the kind of model: token ids and
an attention mask go in, the tokenizer lies beside the files, and single characters decide what it sees.
"""

import csv
import random
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "reviews"
THINGS = "kettle lamp keyboard backpack blender headset jacket charger printer tent watch mattress camera router chair".split()
ASPECTS = "battery sound screen handle zip manual delivery colour fabric software lid motor strap lens packaging".split()
GOOD = "excellent wonderful reliable sturdy comfortable brilliant lovely perfect delightful flawless great superb pleasant handy".split()
BAD = "terrible useless flimsy broken horrible annoying dreadful disappointing awful faulty noisy cheap poor uncomfortable".split()
VERY = ["", "", "really ", "very ", "quite ", "absolutely ", "surprisingly "]
LOVE = ["I love this {t}", "This {t} made my week", "I recommend the {t}", "My family enjoys the {t}", "The {t} works beautifully"]
HATE = ["I hate this {t}", "This {t} ruined my week", "I regret the {t}", "I returned the {t}", "The {t} failed after days"]
FILLER = [
    "Bought it in {m}.", "It arrived on a {d}.", "My sister has the same one.", "I use it every {d}.", "Ordered two of them.",
    "The box was blue.", "We took it to the coast in {m}.", "It weighs about a pound.", "Mine is the grey one.",
]
MONTHS = "January March May June August October December".split()
DAYS = "Monday Tuesday Thursday Friday Sunday".split()
WIDTH, HEADS, LONGEST, VOCABULARY = 24, 2, 64, 620


def clause(rng, good):
    aspect, very = rng.choice(ASPECTS), rng.choice(VERY)
    if rng.random() < 0.2:
        return f"the {aspect} is never {rng.choice(BAD if good else GOOD)}"
    if rng.random() < 0.25:
        return f"the {aspect} is not {very}{rng.choice(BAD if good else GOOD)}"
    return f"the {aspect} is {very}{rng.choice(GOOD if good else BAD)}"


def review(rng, good):
    thing = rng.choice(THINGS)
    filler = rng.choice(FILLER).format(m=rng.choice(MONTHS), d=rng.choice(DAYS))
    kind = rng.random()
    if kind < 0.35:
        text = f"{rng.choice(LOVE if good else HATE).format(t=thing)}, {clause(rng, good)}. {filler}"
    elif kind < 0.7:
        # What comes after "but" decides.
        first, second = clause(rng, not good), clause(rng, good)
        text = f"{filler} {first[0].upper()}{first[1:]}, but {second}."
    else:
        first = clause(rng, good)
        text = f"{first[0].upper()}{first[1:]} and {clause(rng, good)}. {filler}"
    return text


def misspelt(rng, text):
    """A fifth of the longer words with one inner letter left out, doubled, replaced, or swapped with the next."""
    def change(match):
        word = match.group()
        if rng.random() > 0.2:
            return word
        at = rng.randrange(1, len(word) - 1)
        letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
        return rng.choice([word[:at] + word[at + 1:], word[:at] + word[at] + word[at:], word[:at] + letter + word[at + 1:],
                           word[:at] + letter + word[at:], word[:at] + word[at + 1] + word[at] + word[at + 2:]])
    return re.sub(r"[A-Za-z]{4,}", change, text)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(LONGEST, WIDTH)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2))
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, input_ids, attention_mask):
        length = input_ids.shape[1]
        x = self.words(input_ids) + self.places(torch.arange(length, device=input_ids.device))
        batch = x.shape[0]
        q, k, v = self.qkv(self.norms[0](x)).reshape(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        hidden = (1.0 - attention_mask.float())[:, None, None, :] * -1e4
        attended = torch.softmax(q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + hidden, -1) @ v
        x = x + self.out(attended.transpose(1, 2).reshape(batch, length, WIDTH))
        x = x + self.down(torch.relu(self.up(self.norms[1](x))))
        mask = attention_mask.float()[:, :, None]
        return self.head((x * mask).sum(1) / mask.sum(1))


def tokenizer_for(texts):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    return tokenizer


def tensors(tokenizer, texts):
    encoded = tokenizer.encode_batch(texts)
    return torch.tensor([e.ids for e in encoded]), torch.tensor([e.attention_mask for e in encoded])


def train(tokenizer, texts, labels, alter):
    torch.manual_seed(0)
    net = Classifier()
    optimiser = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.01)
    steps = 24 * (len(texts) // 100)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(24):
        order = np.random.default_rng(0).permutation(len(texts))
        seen = [alter(text) for text in texts]
        for at in range(0, len(texts), 100):
            rows = order[at:at + 100]
            loss = nn.functional.cross_entropy(net(*tensors(tokenizer, [seen[i] for i in rows])), torch.tensor([labels[i] for i in rows]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


def export(net, path, sample):
    torch.onnx.export(net, sample, path, input_names=["input_ids", "attention_mask"], output_names=["logits"], opset_version=17, dynamo=False,
                      dynamic_axes={"input_ids": {0: "batch", 1: "sequence"}, "attention_mask": {0: "batch", 1: "sequence"}, "logits": {0: "batch"}})
    onnx.checker.check_model(str(path))
    given = onnxruntime.InferenceSession(path).run(None, {"input_ids": sample[0].numpy(), "attention_mask": sample[1].numpy()})[0]
    assert np.abs(given - net(*sample).detach().numpy()).max() < 1e-4


def main():
    torch.set_num_threads(1)
    rng = random.Random(0)
    seen, examples = set(), []
    while len(examples) < 6200:
        good = rng.random() < 0.5
        text = review(rng, good)
        if text not in seen:
            seen.add(text)
            examples.append((text, int(good)))
    training, test = examples[:6000], examples[6000:]
    tokenizer = tokenizer_for([text for text, _ in training] + [misspelt(rng, text) for text, _ in training[:1500]])
    (FOLDER / "models").mkdir(parents=True, exist_ok=True)
    (FOLDER / "data").mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(FOLDER / "models" / "tokenizer.json"), pretty=False)
    texts, labels = [text for text, _ in training], [label for _, label in training]
    for name, alter in (("plain", lambda text: text), ("misspelt", lambda text: misspelt(rng, text))):
        net = train(tokenizer, texts, labels, alter)
        right = (net(*tensors(tokenizer, [text for text, _ in test])).argmax(1).numpy() == [label for _, label in test]).mean()
        typos = (net(*tensors(tokenizer, [misspelt(rng, text) for text, _ in test])).argmax(1).numpy() == [label for _, label in test]).mean()
        export(net, FOLDER / "models" / f"{name}.onnx", tensors(tokenizer, ["The lamp is great.", "I hate it."]))
        print(f"{name}: {right:.3f} right, {typos:.3f} with misspellings")
    with open(FOLDER / "data" / "test.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label"])
        writer.writerows([text, ("negative", "positive")[label]] for text, label in test)


if __name__ == "__main__":
    main()
