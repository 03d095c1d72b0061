# SPDX-License-Identifier: Apache-2.0
"""Tokenizers and texts for test_wheel.py."""

import itertools
import random
import unicodedata

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def bert_normalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True):
    return normalizers.BertNormalizer(clean_text=clean_text, handle_chinese_chars=handle_chinese_chars,
                                      strip_accents=strip_accents, lowercase=lowercase)


def bert_tokenizer(vocab, normalizer=None):
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizer or bert_normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(t, vocab[t]) for t in ("[CLS]", "[SEP]")])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in SPECIALS])
    return tokenizer


def save(tokenizer, folder):
    """A model directory with nothing but this tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    return folder


def assigned_characters():
    """All characters but those without a meaning and those of private use."""
    return [chr(c) for c in SCALARS if unicodedata.category(chr(c)) not in ("Cn", "Co")]


def spelling_vocab():
    """Every assigned character, alone and continuing: ids then spell the normalized text out."""
    assigned = assigned_characters()
    return {t: i for i, t in enumerate(itertools.chain(SPECIALS, assigned, ("##" + c for c in assigned)))}


def read_vocab(path):
    return {line.rstrip("\n"): i for i, line in enumerate(path.open(encoding="utf-8", newline="\n"))}


BLANKS = " \t\n\r\v\f\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\u200b\ufeff"
CONTROLS = "\x00\x01\x1b\x7f\x80\x9f\u00ad\u200c\u200d\u202e\u2066\ufffd\ufffe\U000e0041\ue000"
MARKS = "\u0300\u0301\u0308\u0316\u0323\u0327\u0334\u0344\u0345\u035c\u0f71\u0f73\u1dce\u302e\u3099\u20dd\u1b44"
WORDS = ["Hello", "WORLD", "naïve", "Ångström", "İstanbul", "ΣΟΦΟΣ", "straße", "ﬁn", "Привет", "שָׁלוֹם", "مَرْحَبًا", "नमस्ते",
         "สวัสดี", "한국어", "각", "漢字", "日本語", "カタカナ", "が", "👨‍👩‍👧", "🏳️‍🌈", "🇩🇪", "don't", "e.g.",
         "[CLS]", "[SEP]", "[MASK]", "[mask]", "[UNK]", "##ing", "[PAD]x", "x[MASK]y", "\U0002b820", "\U0002f800", "豈"]
RANGES = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x600), (0x900, 0xE00), (0xF00, 0x1200),
          (0x1E00, 0x2070), (0x2070, 0x2C00), (0x2C00, 0x3100), (0x3100, 0xA000), (0xA000, 0xD7A4), (0xF900, 0xFFFF),
          (0x10000, 0x12000), (0x1D000, 0x1D800), (0x1E000, 0x1FB00), (0x20000, 0x2FA20), (0xE0000, 0xE0200)]


def random_piece(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(BLANKS)
    if kind == 1:
        return rng.choice(CONTROLS)
    if kind == 2:
        return "".join(rng.choice(MARKS) for _ in range(rng.randrange(1, 5)))
    if kind == 3:
        low, high = rng.choice(RANGES)
        return "".join(chr(rng.randrange(low, high)) for _ in range(rng.randrange(1, 4)))
    if kind == 4:
        return rng.choice(WORDS)
    return rng.choice(WORDS) + " "


def random_texts(count, seed):
    rng = random.Random(seed)
    return ["".join(random_piece(rng) for _ in range(rng.randrange(0, 24))) for _ in range(count)]
