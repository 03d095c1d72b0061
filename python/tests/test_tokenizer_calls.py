# SPDX-License-Identifier: Apache-2.0
"""Where models come from, bad texts and options, warnings, pickles: what only attnscope's tokenizers say."""

from __future__ import annotations

import copy
import pathlib
import pickle
import shutil
from typing import Any

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed")

import attnscope

DEMO = pathlib.Path(__file__).resolve().parents[2] / "data" / "demo-ner"


@pytest.fixture(scope="module")
def demo() -> Any:
    return attnscope.DistilBertTokenizer.from_pretrained("builtin:demo")


def test_sources(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(DEMO, tmp_path / "distilbert-base-uncased")
    monkeypatch.chdir(tmp_path)
    for source in (
        "distilbert-base-uncased",
        b"distilbert-base-uncased",
        tmp_path / "distilbert-base-uncased",
    ):
        tokenizer = attnscope.AutoTokenizer.from_pretrained(source)
        assert type(tokenizer) is attnscope.DistilBertTokenizer
        assert (
            tokenizer("Angela").input_ids == attnscope.AutoTokenizer.from_pretrained("builtin:demo")("Angela").input_ids
        )
    with pytest.raises(OSError, match="no/such"):
        attnscope.BertTokenizer.from_pretrained("no/such")
    with pytest.raises(TypeError, match="cache_dir"):
        attnscope.BertTokenizer.from_pretrained("builtin:demo", cache_dir="x")


def broken() -> Any:
    yield "a"
    raise KeyError("mine")


@pytest.mark.parametrize(("text", "error", "message"), [
    (["a", "b", "c", b"d"], TypeError, r"texts\[3\]: found bytes, expected str; decode it first"),
    (["a", None], TypeError, r"texts\[1\]: found NoneType, expected str"),
    (b"a", TypeError, "text: found bytes, expected str; decode it first"),
    (None, TypeError, "text: found NoneType"),
    (["a", "b\ud800"], ValueError, r"texts\[1\]: a lone surrogate"),
    ([("a", 3)], TypeError, r"texts\[0\]\[1\]: found int"),
    ([], ValueError, "an empty list"),
    (broken(), KeyError, "mine"),
])  # fmt: skip
def test_wrong_texts_row_117(demo: Any, text: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        demo(text)


def test_wrong_words_name_the_word_row_117(demo: Any) -> None:
    with pytest.raises(TypeError, match=r"texts\[1\]\[2\]: found int"):
        demo([["a"], ["b", "c", 3]], is_split_into_words=True)
    with pytest.raises(TypeError, match="expected a list of words"):
        demo("a b", is_split_into_words=True)


def test_strings_of_numpy_and_generators_are_texts_row_117(demo: Any) -> None:
    assert demo(np.str_("Angela")).input_ids == demo("Angela").input_ids
    assert demo(text for text in ["a", "b"]).input_ids == demo(["a", "b"]).input_ids


def test_unknown_options_are_refused(demo: Any) -> None:
    for options in ({"split_special_tokens": True}, {"text_target": "a"}, {"paddingg": True}):
        with pytest.raises(TypeError, match="not supported"):
            demo("a", **options)
    with pytest.raises(ValueError, match="truncation_side"):
        demo.truncation_side = "middle"


def test_a_long_text_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    tokenizer = attnscope.BertTokenizer.from_pretrained(DEMO, model_max_length=4)
    for _ in range(2):
        tokenizer("Angela lives in Paris.")
    assert [record.name for record in caplog.records] == ["attnscope"]
    tokenizer = attnscope.BertTokenizer.from_pretrained(DEMO, model_max_length=4)
    tokenizer("Angela lives in Paris.", truncation=True)
    tokenizer("Angela lives in Paris.", verbose=False)
    assert len(caplog.records) == 1


def test_pickle_and_copy(demo: Any) -> None:
    torch = pytest.importorskip("torch", reason="return_tensors='pt' needs torch")
    encoding = demo(["Angela lives", "in Paris."], padding=True, return_tensors="pt")
    for made in (pickle.loads(pickle.dumps(encoding)), copy.deepcopy(encoding)):
        assert torch.equal(made.input_ids, encoding.input_ids) and made.tokens(1) == encoding.tokens(1)
        assert made.n_sequences == 1 and made.word_ids(0) == encoding.word_ids(0)
    for tokenizer in (pickle.loads(pickle.dumps(demo)), copy.deepcopy(demo)):
        assert tokenizer("Angela").input_ids == demo("Angela").input_ids and repr(tokenizer) == repr(demo)


def test_an_encoding_is_a_mapping_with_attributes(demo: Any) -> None:
    encoding = demo(["a", "b"], return_tensors="np")
    assert {**encoding}.keys() == encoding.data.keys() and encoding.to("cpu") is encoding
    assert encoding[0].tokens == encoding.tokens(0) and len(encoding[0:2]) == 2
    with pytest.raises(AttributeError):
        encoding.nothing  # noqa: B018
    plain = attnscope.BatchEncoding({"input_ids": [[1, 2], [3, 4]]}, tensor_type="np")
    assert plain[0:1]["input_ids"].tolist() == [[1, 2]]
    with pytest.raises(ValueError, match="encodings"):
        plain.tokens()
