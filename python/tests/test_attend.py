# SPDX-License-Identifier: Apache-2.0
"""The planner from Python: what was asked for, equal to the whole; streams; files."""

import itertools
import json
import re
import subprocess

import numpy as np
import pytest

import attnscope
from package_models import SENTENCE

TEXTS = ["Angela lives in Paris.", "", "This is a simple example sentence.", "Müller works in 東京 !"]


@pytest.fixture(scope="module")
def whole(demo):
    """All weights of TEXTS, by the model's call."""

    def attentions(text):
        outputs = demo(**demo.tokenizer(text, return_tensors="np"), output_attentions=True)
        return np.concatenate(outputs.attentions)

    return [attentions(text) for text in TEXTS]


@pytest.mark.parametrize("layers", [None, [0], [3, 1], range(2, 5), [-1]])
@pytest.mark.parametrize("heads", [None, [0], [7, 2], [-1, 0]])
@pytest.mark.parametrize("reduce", ["none", "mean", "max"])
def test_a_part_has_the_bits_of_the_whole(demo, whole, layers, heads, reduce):
    results = demo.attend(TEXTS, layers=layers, heads=heads, reduce=reduce)
    for result, weights in zip(results, whole, strict=True):
        expected = weights if layers is None else weights[list(layers)]
        expected = expected if heads is None else expected[:, list(heads)]
        if reduce == "none":
            assert np.array_equal(result.attentions, expected)
        else:
            assert np.abs(result.attentions - getattr(expected, reduce)(axis=1)).max() < 1e-6
        assert result.layers == [layer % 6 for layer in (range(6) if layers is None else layers)]
        assert result.heads == [head % 12 for head in (range(12) if heads is None else heads)]


def test_one_text_gives_one_result_and_a_list_a_list(demo):
    one = demo.attend(SENTENCE, layers=1)
    assert one.shape == (1, 12, 9, 9) and one.tokens[0] == "[CLS]" and len(one.input_ids) == 9
    several = demo.attend([SENTENCE, SENTENCE], layers=1)
    assert len(several) == 2 and np.array_equal(several[1].attentions, one.attentions)
    assert len(several[:1]) == 1 and len(demo.attend([])) == 0
    assert "12 x 9 x 9" in repr(one)


def test_words_and_offsets_are_those_of_the_text(demo):
    for text in TEXTS:
        result = demo.attend(text, layers=0)
        assert len(result.tokens) == len(result.offsets) == len(result.word_ids) == len(result.special_tokens_mask)
        for token, (begin, end), word in zip(result.tokens, result.offsets, result.word_ids, strict=True):
            if word is None:
                assert token in ("[CLS]", "[SEP]") and (begin, end) == (0, 0)
            else:
                assert text[begin:end] in result.words[word]
    assert demo.attend(TEXTS[3], layers=0).words == ["Müller", "works", "in", "東", "京", "!"]


def test_pairs(demo):
    result = demo.attend(("Angela lives", "in Paris ."), layers=0)
    assert result.words == ["Angela", "lives", "in", "Paris", "."]
    assert max(word for word in result.word_ids if word is not None) == 4
    outputs = demo(**demo.tokenizer("Angela lives", "in Paris .", return_tensors="np"), output_attentions=True)
    assert np.array_equal(result.attentions[0], outputs.attentions[0][0])


def test_pairs_of_a_model_with_token_types(twins):
    torch = pytest.importorskip("torch", reason="torch, the oracle, is not installed")
    pair = twins("Bert")
    inputs = pair.ours.tokenizer("Angela lives", "in Paris .", return_tensors="pt")
    assert inputs["token_type_ids"].max() == 1
    with torch.no_grad():
        expected = torch.cat(pair.theirs(**inputs, output_attentions=True).attentions).numpy()
    result = pair.ours.attend(("Angela lives", "in Paris ."))
    assert np.abs(result.attentions - expected).max() < 1e-5


def test_arrays_are_read_only_and_of_the_chosen_type(demo):
    result = demo.attend(SENTENCE, layers=0)
    with pytest.raises(ValueError, match="read-only"):
        result.attentions[0] = 0
    assert result.to_numpy() is result.attentions
    for dtype in ("float16", np.float64, np.dtype("float16")):
        other = demo.attend(SENTENCE, layers=0, dtype=dtype).attentions
        assert other.dtype == np.dtype(dtype) and np.abs(other - result.attentions).max() < 1e-3


def test_to_torch_shares_the_memory(demo):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    result = demo.attend(SENTENCE, layers=0, dtype=torch.float32)
    tensor = result.to_torch()
    assert tensor.data_ptr() == result.attentions.ctypes.data and torch.equal(tensor, result.to_torch())


def test_a_generator_is_read_as_results_are_taken(demo):
    taken = []

    def texts():
        for number in itertools.count():
            taken.append(number)
            yield f"Sentence {number} ."

    stream = demo.attend(texts(), layers=0, batch_tokens=16)
    assert iter(stream) is stream
    first = [next(stream).tokens[2] for _ in range(3)]
    assert first == ["0", "1", "2"] and len(taken) < 10


def test_an_error_of_the_generator_passes(demo):
    def texts():
        yield SENTENCE
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk is gone"):
        list(demo.attend(texts(), layers=0))


def test_hooks_fire_and_count(demo):
    attn = demo.get_submodule("distilbert.transformer.layer.1.attention.attn")
    seen = []

    def hook(module, args, output):
        seen.append(output[0].shape)
        weights = np.zeros_like(output[0])
        weights[..., 0] = 1
        return weights, output[1]

    with attn.register_forward_hook(hook):
        results = demo.attend(TEXTS[:3:2], layers=[1, 2])
    assert seen == [(2, 12, 9, 9)]
    assert all((result.attentions[0, :, :, 0] == 1).all() for result in results)
    assert not np.array_equal(results[0].attentions[1], demo.attend(TEXTS[0], layers=2).attentions[0])


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_files_are_those_of_the_command_line(demo, tmp_path, ending, request, monkeypatch):
    program = request.config.rootpath / "build" / "release" / "cli" / "attnscope"
    if not program.exists():
        pytest.skip("the command line is not built")
    # The files name the number of threads, which torch.set_num_threads() of another test may have changed here.
    threads = re.search(r"(\d+) threads", attnscope.version_string())[1]
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    texts = TEXTS[:1] + TEXTS[2:]
    (tmp_path / "texts.txt").write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    for reduce, layers in (("none", [0, 2]), ("mean", [5])):
        ours, theirs = tmp_path / f"ours.{ending}", tmp_path / f"theirs.{ending}"
        demo.attend(texts, layers=layers, reduce=reduce).save(ours)
        command = [program, "run", "-f", tmp_path / "texts.txt", "--layers", ",".join(map(str, layers)), "-o", theirs]
        subprocess.run([*command, "--reduce", reduce], check=True, capture_output=True)
        assert ours.read_bytes() == theirs.read_bytes()
    demo.attend(SENTENCE).save(ours)
    subprocess.run([program, "run", SENTENCE, "-o", theirs], check=True, capture_output=True)
    assert ours.read_bytes() == theirs.read_bytes()


def test_a_stream_is_saved_whole_or_not_at_all(demo, tmp_path):
    path = tmp_path / "all.npz"
    assert demo.attend((text for text in TEXTS), layers=0).save(path) == 4
    with np.load(path) as arrays:
        assert arrays["3.attentions"].shape[1] == 12
        assert list(arrays["0.tokens"][:2]) == ["[CLS]", "angela"]
        assert json.loads(str(arrays["metadata"]))["reduce"] == "none"
    path.unlink()

    def broken():
        yield TEXTS[0]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        demo.attend(broken(), layers=0).save(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options, message",
    [
        ({"layers": [6]}, "layers: 6 does not exist; choose from 0..5"),
        ({"heads": [12]}, "heads: 12 does not exist; choose from 0..11"),
        ({"layers": [1, 1]}, "1 is named twice"),
        ({"layers": [1, -5]}, "1 is named twice"),
        ({"reduce": "sum"}, "reduce: 'sum'; choose from none, mean, max"),
        ({"dtype": "bfloat16"}, "dtype: bfloat16; choose from"),
        ({"heads": [], "reduce": "mean"}, "no heads to reduce"),
        ({"batch_tokens": 0}, "batch_tokens: 0"),
    ],
)
def test_requests_that_cannot_be_met(demo, options, message):
    with pytest.raises(attnscope.UsageError, match=message.replace("(", r"\(")):
        demo.attend(SENTENCE, **options)


def test_long_texts_are_named_or_cut(demo):
    long = "word " * 600
    with pytest.raises(
        attnscope.TextError, match=r"texts\[1\]: 602 tokens, the model takes at most 512.*truncation=True"
    ):
        demo.attend([SENTENCE, long], layers=0)
    assert demo.attend(long, layers=0, heads=0, truncation=True).shape == (1, 1, 512, 512)


def test_a_progress_bar_is_shown_when_asked_for(demo, capsys):
    demo.attend([SENTENCE] * 20, layers=0, progress=True)
    demo.attend([SENTENCE] * 20, layers=0, progress=False)
    assert "0." not in capsys.readouterr().out
