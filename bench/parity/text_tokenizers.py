"""Trains a WordPiece, a byte-level BPE and a Unigram tokenizer on made-up text, and writes what Python's `tokenizers` makes of 200
varied strings with each: test/fixtures/text/{wordpiece,bpe,unigram}/tokenizer.json and test/fixtures/text/tokenizer-parity.json.

    python -m venv .venv && .venv/bin/pip install tokenizers && .venv/bin/python bench/parity/text_tokenizers.py
"""

import json
import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/text"
WORDS = (
    "the quick brown fox jumps over lazy dogs while seven wizards quietly measure robust classifiers against noisy letters "
    "never nothing isn't can't won't they're model's naïve café façade über straße señor coração łódź привет мир тест шум "
    "שלום עולם مرحبا بالعالم γειά σου κόσμε 日本語 テスト 한국어 文字 नमस्ते 12 345 6789 3.14 €99 £5 50% user@example.com https://example.org/a?b=c "
    "snake_case camelCase kebab-case e.g. i.e. U.S.A. o'clock rock'n'roll"
).split()
EMOJI = ["😀", "👩‍🚀", "🇩🇪", "👍🏽", "✨", "❤️"]
ODD = [
    "", " ", "   ", "\n", "\t\ttabs\t", "line\nbreak\r\nwindows", "\u00a0no\u00a0break", "zero\u200bwidth", "e\u0301 combining", "ﬁne ligature",
    "ＦＵＬＬ width", "İstanbul ıI", "ß ẞ ss", "ﷺ", "a" * 150, "a b" * 100, "!!!???...", "--—–", "\"quoted\" ‘single’ “double”",
    "{json: [1, 2]}", "<tag attr='x'>text</tag>", "[CLS] in text [SEP]", "<s> mask <mask> </s>", "[UNK]", "<unk>", "▁meta space▁", "Ġ dot",
    "ctrl\u0001char\u007f", "\ufffd replacement", "\ufeffbom", "mixed日本English한국", "RTL שלום 123 עולם", "١٢٣ ٤٥٦", "½ ² ℃ №", "𝒳 math 𝔄", "🏴‍☠️🏳️‍🌈",
    "don't can't I'll we've he'd I'm you're o'clock", "DON'T CAN'T I'LL", "isn''t", "C++ C# .NET", "1,000,000.00", "a.b.c.d", "\\back\\slash",
    "trailing space ", " leading", "double  space", "tab\tbetween", "end.", "Ünïcödé", "ΑΒΓ άέή", "ой ёй й",
]


def sentence(rng, length):
    words = [rng.choice(WORDS) for _ in range(length)]
    words = [w.upper() if rng.random() < 0.08 else w.capitalize() if rng.random() < 0.15 else w for w in words]
    words = [w + rng.choice(EMOJI) if rng.random() < 0.04 else w for w in words]
    return "".join(w + rng.choice([" ", " ", " ", " ", ", ", ". ", "  ", "-", "! "]) for w in words)


def misspelt(rng, text):
    letters = list(text)
    for _ in range(max(1, len(letters) // 12)):
        at = rng.randrange(len(letters))
        letters[at] = rng.choice(["", letters[at] * 2, rng.choice("qxzäжש字")])
    return "".join(letters)


def wordpiece(corpus):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=600, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def bpe(corpus):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=700, special_tokens=special, initial_alphabet=alphabet, show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return tokenizer


def unigram(corpus):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "<s>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=600, special_tokens=special, unk_token="<unk>", show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", [("</s>", 2)])
    return tokenizer


def main():
    rng = random.Random(0)
    corpus = [sentence(rng, rng.randrange(3, 14)) for _ in range(3000)]
    texts = [*ODD, *(sentence(rng, rng.randrange(1, 12)) for _ in range(90))]
    texts += [misspelt(rng, sentence(rng, rng.randrange(2, 12))) for _ in range(200 - len(texts))]
    vectors = {"texts": texts, "limit": 12}
    for name, make in (("wordpiece", wordpiece), ("bpe", bpe), ("unigram", unigram)):
        tokenizer = make(corpus)
        (OUT / name).mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(OUT / name / "tokenizer.json"), pretty=False)
        whole = [tokenizer.encode(text) for text in texts]
        tokenizer.enable_truncation(vectors["limit"])
        short = [tokenizer.encode(text).ids for text in texts]
        tokenizer.enable_truncation(vectors["limit"], direction="left")
        left = [tokenizer.encode(text).ids for text in texts]
        vectors[name] = {"ids": [e.ids for e in whole], "types": [e.type_ids for e in whole], "truncated": short, "truncatedLeft": left}
    (OUT / "tokenizer-parity.json").write_text(json.dumps(vectors, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
