# SPDX-License-Identifier: Apache-2.0
"""docs/bad_inputs.md row 55: windows that overlap are those of the `tokenizers` wheel."""

import pytest

pytest.importorskip("tokenizers", reason="the tokenizers wheel is not installed")

from tokenizers import AddedToken, processors  # noqa: E402

import wheel_models as wm  # noqa: E402
from wheel_support import ask_probe, assert_equal_to_wheel, require_probe  # noqa: E402

require_probe()

SIZES = [(3, 0), (4, 1), (7, 0), (7, 2), (7, 4), (16, 5), (32, 13), (64, 61), (512, 128)]
TEXTS = 300


@pytest.fixture(scope="module")
def spelling(tmp_path_factory):
    tokenizer = wm.bert_tokenizer(wm.spelling_vocab())
    return wm.save(tokenizer, tmp_path_factory.mktemp("spelling")), tokenizer


@pytest.mark.parametrize(("max_length", "stride"), SIZES)
def test_windows_of_random_texts_are_those_of_the_wheel_row_55(spelling, max_length, stride):
    texts = ["", " ", "a", *wm.random_texts(TEXTS, seed=max_length), " ".join(wm.random_texts(90, seed=stride))]
    assert_equal_to_wheel(*spelling, texts, max_length=max_length, stride=stride)
    assert ask_probe(spelling[0], texts, max_length=max_length, stride=stride).counts.size > len(texts)


@pytest.mark.parametrize(("max_length", "stride"), [(1, 0), (5, 0), (5, 2), (16, 7)])
def test_windows_without_special_tokens_row_55(spelling, max_length, stride):
    texts = wm.random_texts(TEXTS, seed="bare")
    assert_equal_to_wheel(*spelling, texts, max_length=max_length, stride=stride, add_special_tokens=False)


def test_every_length_around_a_window_row_55(spelling):
    texts = ["a " * count for count in range(40)]
    for stride in range(6):
        assert_equal_to_wheel(*spelling, texts, max_length=8, stride=stride)


@pytest.mark.parametrize("processor", [
    processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)),
    processors.TemplateProcessing(single="[CLS]:3 [CLS]:3 $A [SEP]:6", pair="$A $B",
                                  special_tokens=[("[CLS]", 2), ("[SEP]", 3)]),
], ids=["bert", "template"])
def test_windows_have_the_template_and_added_tokens_as_written_row_55(tmp_path, processor):
    vocab = {t: i for i, t in enumerate([*wm.SPECIALS, "a", "b", "##b", "word"])}
    tokenizer = wm.bert_tokenizer(vocab)
    tokenizer.add_tokens([AddedToken("[M]", lstrip=True, rstrip=True), AddedToken("Word", single_word=True)])
    tokenizer.post_processor = processor
    texts = ["a [M] b WORD abb [m]  [M] word a Word" * count for count in range(8)]
    directory = wm.save(tokenizer, tmp_path)
    for max_length, stride in [(4, 0), (6, 2), (9, 5)]:
        assert_equal_to_wheel(directory, tokenizer, texts, max_length=max_length, stride=stride)


def test_a_window_without_room_is_refused_whatever_the_text_row_55(spelling):
    for max_length, stride in [(1, 0), (2, 0), (3, 1), (10, 8), (10, 500)]:
        ours = ask_probe(spelling[0], ["", "a b c d e f g h i j k"], max_length=max_length, stride=stride)
        assert ours.errors == {0: "TOK_TRUNC", 1: "TOK_TRUNC"}
