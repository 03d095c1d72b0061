# SPDX-License-Identifier: Apache-2.0
"""The reduced WordPiece vocabulary, a subset of the teacher's, and the files that carry it."""

import json
from collections import Counter

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SIZE = 10_400


def count_pieces(teacher_tokenizer, weighted_texts):
    """Counts the teacher's pieces over [(weight, sentences)]."""
    counts = Counter()
    for weight, sentences in weighted_texts:
        for start in range(0, len(sentences), 10_000):
            words = [s.words for s in sentences[start : start + 10_000]]
            encodings = teacher_tokenizer.encode_batch(words, is_pretokenized=True)
            for encoding in encodings:
                for token in encoding.tokens:
                    counts[token] += weight
    return counts


def choose(teacher_vocabulary, counts, size=SIZE):
    """Specials, pieces of one character, then the most frequent ones, in the teacher's order."""
    single = {t for t in teacher_vocabulary if len(t.removeprefix("##")) == 1}
    frequent = (t for t, _ in counts.most_common() if t not in single and t not in SPECIALS)
    chosen = set(single)
    while len(chosen) < size - len(SPECIALS):
        chosen.add(next(frequent))
    return SPECIALS + sorted(chosen, key=teacher_vocabulary.get)


def build_tokenizer(tokens):
    """BERT's uncased tokenizer over the given tokens; ids are positions in the list."""
    ids = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(t, ids[t]) for t in ("[CLS]", "[SEP]")],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens(SPECIALS)
    return tokenizer


def save(tokenizer, folder):
    """Writes tokenizer.json, vocab.txt and tokenizer_config.json."""
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    vocabulary = tokenizer.get_vocab()
    lines = "".join(token + "\n" for token in sorted(vocabulary, key=vocabulary.get))
    (folder / "vocab.txt").write_text(lines, encoding="utf-8")
    config = {
        "tokenizer_class": "DistilBertTokenizer",
        "do_lower_case": True,
        "strip_accents": None,
        "tokenize_chinese_chars": True,
        "model_max_length": 512,
    }
    config |= {t.strip("[]").lower() + "_token": t for t in SPECIALS}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
