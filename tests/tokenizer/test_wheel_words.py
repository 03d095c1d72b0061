# SPDX-License-Identifier: Apache-2.0
"""Texts that come in words already are tokenized as by the `tokenizers` wheel with is_pretokenized=True."""

import random

import pytest

pytest.importorskip("tokenizers", reason="the tokenizers wheel is not installed")

from tokenizers import AddedToken  # noqa: E402

import wheel_models as wm  # noqa: E402
from wheel_support import ask_probe, pair_of, require_probe  # noqa: E402

require_probe()

@pytest.fixture(scope="module")
def spelling(tmp_path_factory):
    tokenizer = wm.bert_tokenizer(wm.spelling_vocab())
    tokenizer.add_tokens([AddedToken("[M]", lstrip=True, rstrip=True), AddedToken("Word", single_word=True)])
    return wm.save(tokenizer, tmp_path_factory.mktemp("words")), tokenizer


def random_words(rng):
    pieces = ["", " ", "a b", "[M]", " [m] x", "word", "Word", "[CLS]", "can't", "\u0301", "\x00", "e\u0301e"]
    words = [rng.choice([rng.choice(pieces), wm.random_piece(rng)]) for _ in range(rng.randrange(0, 9))]
    return words or [""]  # no words at all means no second text


def rows_of_wheel(tokenizer, items, add_special_tokens):
    """Per item the rows (id, type, begin byte, end byte, word, sequence, special) and the tokens."""
    batch = tokenizer.encode_batch(items, is_pretokenized=True, add_special_tokens=add_special_tokens)
    for item, encoding in zip(items, batch):
        rows = []
        columns = zip(encoding.ids, encoding.type_ids, encoding.offsets, encoding.word_ids, encoding.sequence_ids,
                      encoding.special_tokens_mask)
        for token_id, type_id, (begin, end), word, sequence, special in columns:
            text = pair_of(item)[sequence][word] if word is not None else ""
            bounds = [len(text[:position].encode()) for position in (begin, end)]
            rows.append([token_id, type_id, *bounds, -1 if word is None else word,
                         -1 if sequence is None else sequence, special])
        yield rows, encoding.tokens


def assert_equal(directory, tokenizer, items, max_length=None, strategy="longest_first", add_special_tokens=True):
    tokenizer.no_truncation()
    if max_length is not None:
        tokenizer.enable_truncation(max_length, strategy=strategy)
    ours = ask_probe(directory, items, max_length, strategy, add_special_tokens)
    assert not ours.errors, ours.errors
    begin = 0
    for item, count, (rows, tokens) in zip(items, ours.counts.tolist(),
                                           rows_of_wheel(tokenizer, items, add_special_tokens)):
        mine = [[int(column[k]) for column in ours.columns] for k in range(begin, begin + count)]
        assert mine == rows, ascii(item)
        assert ours.tokens[begin:begin + count] == tokens, ascii(item)
        begin += count


@pytest.mark.parametrize("add_special_tokens", [True, False])
def test_random_words_and_pairs(spelling, add_special_tokens):
    rng = random.Random(7)
    assert_equal(*spelling, [random_words(rng) for _ in range(2000)], add_special_tokens=add_special_tokens)
    pairs = [(random_words(rng), random_words(rng)) for _ in range(2000)]
    assert_equal(*spelling, pairs, add_special_tokens=add_special_tokens)


def test_no_words_and_empty_words(spelling):
    assert_equal(*spelling, [[], [""], ["", "a", ""], ["", ""]])


def test_truncated_words(spelling):
    rng = random.Random(8)
    for max_length in (2, 3, 6):
        assert_equal(*spelling, [random_words(rng) for _ in range(300)], max_length=max_length)


def fits(tokenizer, pair):
    try:
        tokenizer.encode_batch([pair], is_pretokenized=True)
    except Exception:  # the wheel raises nothing narrower
        return False
    return True


@pytest.mark.parametrize("strategy", ["longest_first", "only_first", "only_second"])
@pytest.mark.parametrize("max_length", [3, 4, 7, 12])
def test_truncated_pairs_of_words(spelling, max_length, strategy):
    directory, tokenizer = spelling
    rng = random.Random(max_length)
    pairs = [(random_words(rng), random_words(rng)) for _ in range(300)]
    tokenizer.enable_truncation(max_length, strategy=strategy)
    good = [pair for pair in pairs if fits(tokenizer, pair)]
    bad = [pair for pair in pairs if not fits(tokenizer, pair)]
    assert_equal(directory, tokenizer, good, max_length=max_length, strategy=strategy)
    answers = ask_probe(directory, bad, max_length=max_length, strategy=strategy)
    assert list(answers.errors.values()) == ["TOK_TRUNC"] * len(bad)
