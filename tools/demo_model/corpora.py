# SPDX-License-Identifier: Apache-2.0
"""Reads the corpora: labelled sentences of three NER sets, and plain text."""

import random
import re
from dataclasses import dataclass
from pathlib import Path

LABELS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
LABEL_IDS = {label: i for i, label in enumerate(LABELS)}
SPLIT_SEED = 0
WIKIGOLD_TEST = 300
WIKIGOLD_DEV = 150

WNUT_TYPES = {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"}
KEPT_TYPES = {"PER": "PER", "ORG": "ORG", "LOC": "LOC"}


@dataclass
class Sentence:
    """Words with one IOB2 tag each; tags is None for plain text."""

    words: list[str]
    tags: list[str] | None = None


def _to_iob2(tags, types):
    """Maps entity types (others become O) and rewrites IOB1 or IOB2 tags as IOB2."""
    result, previous = [], ("O", "")
    for tag in tags:
        prefix, _, name = tag.partition("-")
        kept = types.get(name)
        if prefix == "O" or kept is None:
            result.append("O")
        else:
            continues = prefix == "I" and previous[0] != "O" and previous[1] == name
            result.append(("I-" if continues else "B-") + kept)
        previous = (prefix, name)
    return result


def _read_columns(path, word_column, tag_column, types):
    """Reads one word a line, blank lines between sentences, '#' comments in UNER files."""
    sentences, words, tags = [], [], []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if not line.strip():
            if words:
                sentences.append(Sentence(words, _to_iob2(tags, types)))
            words, tags = [], []
        elif not (word_column and line.startswith("#")):
            fields = line.rstrip().split("\t" if "\t" in line else " ")
            words.append(fields[word_column])
            tags.append(fields[tag_column])
    return sentences


def _split_wikigold(sentences):
    """Cuts the fixed held-out test set and a development slice; the rest is for training."""
    shuffled = list(sentences)
    random.Random(SPLIT_SEED).shuffle(shuffled)
    end_of_dev = WIKIGOLD_TEST + WIKIGOLD_DEV
    return shuffled[:WIKIGOLD_TEST], shuffled[WIKIGOLD_TEST:end_of_dev], shuffled[end_of_dev:]


def read_ner(data):
    """Returns the labelled splits: train, ewt_dev, ewt_test, wikigold_dev, wikigold_test."""
    corpora = Path(data) / "corpora"
    ewt = corpora / "uner-english-ewt"
    wikigold = _read_columns(corpora / "wikigold/wikigold.conll.txt", 0, 1, KEPT_TYPES)
    wiki_test, wiki_dev, wiki_train = _split_wikigold(wikigold)
    train = _read_columns(ewt / "en_ewt-ud-train.early-0c7ce0d.iob2", 1, 2, KEPT_TYPES)
    for name in ("wnut17train.conll", "emerging.dev.conll"):
        train += _read_columns(corpora / "wnut17" / name, 0, 1, WNUT_TYPES)
    # WikiGold is small beside EWT and counts twice.
    train += wiki_train * 2
    return {
        "train": train,
        "ewt_dev": _read_columns(ewt / "en_ewt-ud-dev.iob2", 1, 2, KEPT_TYPES),
        "ewt_test": _read_columns(ewt / "en_ewt-ud-test.iob2", 1, 2, KEPT_TYPES),
        "wikigold_dev": wiki_dev,
        "wikigold_test": wiki_test,
    }


def _chunks(paragraph, rng, longest=90):
    """Cuts a paragraph at sentence ends into pieces of a random length."""
    chunk, wanted = [], rng.randint(8, longest)
    for sentence in re.split(r"(?<=[.!?]) +|(?<=[.!?][\"']) +", paragraph):
        chunk += sentence.split()
        while len(chunk) >= wanted:
            yield Sentence(chunk[:longest])
            chunk, wanted = chunk[longest:], rng.randint(8, longest)
    if len(chunk) >= 4:
        yield Sentence(chunk)


def read_wikitext(data, rng):
    """Wikipedia text without headings and tokenization marks; <unk> stays, see fill_unknown."""
    sentences = []
    for name in ("valid.txt", "test.txt"):
        text = (Path(data) / "corpora/wikitext-2" / name).read_text(encoding="utf-8")
        text = re.sub(r" @(.)@ ", r"\1", text)
        for line in text.split("\n"):
            if line.strip() and not line.strip().startswith("="):
                sentences += _chunks(line.strip(), rng)
    return sentences


def read_books(data, rng):
    """Paragraphs of the classic books, in chunks."""
    sentences = []
    for path in sorted((Path(data) / "corpora/classic-books").glob("*/*.md")):
        text = path.read_text(encoding="utf-8").replace("_", "")
        for paragraph in re.split(r"\n\s*\n", text):
            sentences += _chunks(" ".join(paragraph.split()), rng)
    return sentences


def mentions(sentences):
    """All entity mentions by type: {"PER": [["Angela", "Merkel"], ...], ...}."""
    found = {"PER": [], "ORG": [], "LOC": []}
    for sentence in sentences:
        for start, end, kind in spans(sentence.tags):
            found[kind].append(sentence.words[start:end])
    return found


def spans(tags):
    """Strict IOB2 entities as (start, end, type); an I- tag that continues nothing is no entity."""
    result, start, kind = [], None, None
    for i, tag in enumerate([*tags, "O"]):
        prefix, _, name = tag.partition("-")
        if start is not None and not (prefix == "I" and name == kind):
            result.append((start, i, kind))
            start = None
        if prefix == "B":
            start, kind = i, name
    return result


def swap_mentions(sentence, pool, rng, probability):
    """Replaces each mention by another of its type with the given probability."""
    words, tags, position = [], [], 0
    for start, end, kind in spans(sentence.tags):
        words += sentence.words[position:start]
        tags += sentence.tags[position:start]
        swap = rng.random() < probability
        mention = rng.choice(pool[kind]) if swap else sentence.words[start:end]
        words += mention
        tags += ["B-" + kind] + ["I-" + kind] * (len(mention) - 1)
        position = end
    return Sentence(words + sentence.words[position:], tags + sentence.tags[position:])


def fill_unknown(sentence, pool, rng):
    """Puts a word of some training mention where wikitext-2 has <unk> (mostly rare names)."""
    def pick():
        return rng.choice(rng.choice(pool[rng.choice(["PER", "ORG", "LOC"])]))

    return Sentence([pick() if word == "<unk>" else word for word in sentence.words])
