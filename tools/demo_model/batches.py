# SPDX-License-Identifier: Apache-2.0
"""Sentences to token ids, and token ids to batches of similar length."""

import random
from dataclasses import dataclass

import torch

from corpora import LABEL_IDS

MAX_TOKENS = 128
IGNORED = -100


@dataclass
class Example:
    """Ids with a label for every piece; first[i] says that piece i begins a word."""

    ids: list[int]
    labels: list[int]
    first: list[bool]


@dataclass
class Batch:
    """Padded tensors, all [batch, seq]."""

    ids: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor
    first: torch.Tensor


def piece_labels(words, tags):
    """A label per piece: specials O, the first piece the word's tag, later pieces its I- form."""
    if tags is None:
        return [IGNORED] * len(words)
    labels, previous = [], None
    for word in words:
        tag = "O" if word is None else tags[word]
        if word is not None and word == previous and tag.startswith("B-"):
            tag = "I-" + tag[2:]
        labels.append(LABEL_IDS[tag])
        previous = word
    return labels


def encode(tokenizer, sentences, max_tokens=MAX_TOKENS):
    """Encodes pre-split sentences, cut at max_tokens (the closing [SEP] is kept)."""
    tokenizer.enable_truncation(max_tokens)
    examples = []
    encodings = tokenizer.encode_batch([s.words for s in sentences], is_pretokenized=True)
    for sentence, encoding in zip(sentences, encodings, strict=True):
        words = encoding.word_ids
        first = [w is not None and w != v for v, w in zip([None, *words], words, strict=False)]
        examples.append(Example(encoding.ids, piece_labels(words, sentence.tags), first))
    tokenizer.no_truncation()
    return examples


def collate(examples):
    """Pads with [PAD] = 0; padding has no label."""
    length = max(len(e.ids) for e in examples)

    def padded(rows, value):
        return torch.tensor([row + [value] * (length - len(row)) for row in rows])

    ids = padded([e.ids for e in examples], 0)
    mask = padded([[1] * len(e.ids) for e in examples], 0)
    labels = padded([e.labels for e in examples], IGNORED)
    return Batch(ids, mask, labels, padded([e.first for e in examples], False))


def by_length(examples, tokens_per_batch):
    """Groups of similar length with at most tokens_per_batch padded tokens, shortest first."""
    groups, group = [], []
    for example in sorted(examples, key=lambda e: len(e.ids)):
        if group and (len(group) + 1) * len(example.ids) > tokens_per_batch:
            groups.append(group)
            group = []
        group.append(example)
    return [*groups, group]


def shuffled_batches(examples, tokens_per_batch, rng):
    """One pass over the examples: ties in length and the order of the batches are random."""
    order = list(examples)
    rng.shuffle(order)
    groups = by_length(order, tokens_per_batch)
    rng.shuffle(groups)
    for group in groups:
        yield collate(group)


def seeded(seed):
    """Seeds torch and returns a generator for everything drawn in Python."""
    torch.manual_seed(seed)
    return random.Random(seed)
