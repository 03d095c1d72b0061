# SPDX-License-Identifier: Apache-2.0
"""Numbers made of attention weights: against small implementations in numpy and networkx."""

import itertools
import json
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import attnscope
from attnscope import analysis
from oracle_probe import shared

WORD_IDS = [None, 0, 0, 1, 2, 2, 2, None]


def random_attention(layers=3, heads=4, n=8, seed=0, sharpness=2.0):
    scores = np.random.default_rng(seed).normal(0, sharpness, (layers, heads, n, n))
    weights = np.exp(scores)
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


def real_attention(example):
    """Layers 9 to 12 of bert-base-uncased on a sentence or a pair: weights and tokens."""
    folder = shared("bert-base-attention-rbert")
    with np.load(folder / "attention_probs.npz") as arrays:
        layers = [arrays[f"{example}.layer_attention_{layer}"] for layer in range(9, 13)]
    tokens = json.loads((folder / "tokens.json").read_text())[example]
    return np.stack(layers).astype(np.float32), tokens


@pytest.fixture(params=["random", "sharp", "example_1", "example_2"])
def attention(request):
    if request.param == "random":
        return random_attention()
    if request.param == "sharp":
        return random_attention(seed=1, n=12, sharpness=6.0)
    return real_attention(request.param)[0]


def close(found, expected, tolerance=2e-6):
    assert isinstance(found, np.ndarray) and found.dtype == np.float32
    assert found.shape == np.shape(expected)
    assert np.abs(found - expected).max() <= tolerance


# ---- the numbers


def plogp(p):
    return np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0)


def test_statistics(attention):
    A = attention.astype(np.float64)
    n = A.shape[-1]
    far = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    close(analysis.entropy(attention), -plogp(A).sum(-1).mean(-1))
    close(analysis.distance(attention), (A * far).sum(-1).mean(-1), 1e-5)
    close(analysis.confidence(attention), A.max(-1).mean(-1))
    close(analysis.received(attention), A.mean(-2))
    close(analysis.mass_on(attention, [0, -1]), A[..., [0, n - 1]].sum(-1).mean(-1))
    for offset in (-2, -1, 0, 1, 3):
        close(analysis.mass_at_offset(attention, offset), np.trace(A, offset, -2, -1) / n)


def test_statistics_of_chosen_rows(attention):
    A = attention.astype(np.float64)
    n = A.shape[-1]
    flags = np.arange(n) % 3 == 1
    for rows in (flags, flags.tolist(), np.flatnonzero(flags), iter(np.flatnonzero(flags).tolist())):
        close(analysis.entropy(attention, rows), -plogp(A).sum(-1)[..., flags].mean(-1))
    close(analysis.confidence(attention, rows=-1), A[..., -1, :].max(-1))
    close(analysis.mass_on(attention, flags, rows=[0]), A[..., 0, flags].sum(-1))


def test_statistics_are_those_of_attend(demo):
    result = demo.attend("Angela Merkel visited Zurich.", stats="all", weights=True)
    close(analysis.entropy(result), result.stats["entropy"].mean(-1), 1e-5)
    close(analysis.distance(result), result.stats["distance"].mean(-1), 1e-5)
    close(analysis.confidence(result), result.stats["max"].mean(-1), 1e-5)
    close(analysis.received(result), result.received / len(result.tokens), 1e-5)


def plain_words(A, word_ids, rule):
    """Clark's rule, token by token."""
    words = []
    for token, word in enumerate(word_ids):
        if word is not None and words and word_ids[words[-1][-1]] == word:
            words[-1].append(token)
        else:
            words.append([token])
    result = np.zeros((*A.shape[:-2], len(words), len(words)))
    for index in np.ndindex(A.shape[:-2]):
        for i, j in itertools.product(range(len(words)), repeat=2):
            block = A[index][np.ix_(words[i], words[j])]
            result[index][i, j] = {
                "mean": block.sum(1).mean(),
                "first": block.sum(1)[0],
                "max": block.max(),
            }[rule]
        if rule == "max":
            result[index] /= result[index].sum(1, keepdims=True)
    return result


@pytest.mark.parametrize("rule", ["mean", "first", "max"])
def test_words(rule):
    A = random_attention(n=8)
    found = analysis.word_attention(A, WORD_IDS, rule)
    close(found, plain_words(A.astype(np.float64), WORD_IDS, rule))
    assert np.abs(found.sum(-1) - 1).max() < 1e-6


@pytest.mark.parametrize("rule", ["mean", "first", "max"])
def test_words_of_real_attention(rule):
    A, tokens = real_attention("example_1")
    special = [token in ("[CLS]", "[SEP]") for token in tokens]
    word_ids = [None if is_special else index // 2 for index, is_special in enumerate(special)]
    found = analysis.word_attention(A, word_ids, rule)
    close(found, plain_words(A.astype(np.float64), word_ids, rule))


def test_words_of_a_result(demo):
    result = demo.attend("Angela Merkel visited Schaffhausen.")
    assert len(result.words) < len(result.tokens) - 2  # words of several pieces
    found = analysis.word_attention(result)
    assert found.shape[-1] == len(result.words) + 2
    close(found, plain_words(result.attentions.astype(np.float64), result.word_ids, "mean"))
    close(
        analysis.mass_on_same_word(result),
        analysis.mass_on_same_word(result.attentions, result.word_ids),
        0,
    )


def test_mass_on_the_same_word():
    A = random_attention(n=8).astype(np.float64)
    same = np.array([[a == b and a is not None and i != j for j, b in enumerate(WORD_IDS)]
                     for i, a in enumerate(WORD_IDS)])  # fmt: skip
    close(analysis.mass_on_same_word(A, WORD_IDS), (A * same).sum(-1).mean(-1))


def test_hidden_tokens(attention):
    A = attention.astype(np.float64)
    kept = A[..., 1:-1, 1:-1]
    close(analysis.without_tokens(attention, [0, -1], rule="keep_mass"), kept)
    close(analysis.without_tokens(attention, [0, -1]), kept / kept.sum(-1, keepdims=True))


def plain_layers(A):
    mean = A.astype(np.float64).mean(1) + np.eye(A.shape[-1])
    return mean / mean.sum(-1, keepdims=True)


def test_rollout(attention):
    expected = []
    for layer in plain_layers(attention):
        expected.append(layer @ expected[-1] if expected else layer)
    close(analysis.rollout_layers(attention), np.stack(expected))
    close(analysis.rollout(attention), expected[-1])
    close(analysis.rollout(attention.mean(1)), expected[-1])
    close(analysis.accumulate(plain_layers(attention)), np.stack(expected))
    assert np.abs(analysis.rollout(attention).sum(-1) - 1).max() < 1e-6


def plain_flow(layers):
    networkx = pytest.importorskip("networkx", reason="networkx, the oracle, is not installed")
    count, n, _ = layers.shape
    graph = networkx.DiGraph()
    for layer, i, j in np.ndindex(layers.shape):
        # In whole numbers: with fractions the search for paths may not end.
        graph.add_edge((layer + 1, i), (layer, j), capacity=round(layers[layer, i, j] * 2**40))
    flows = np.array([[networkx.maximum_flow_value(graph, (count, i), (0, j)) for j in range(n)] for i in range(n)])
    return flows / flows.sum(-1, keepdims=True)


@pytest.mark.parametrize("sharpness", [1.0, 6.0])
@pytest.mark.parametrize("layers", [1, 2, 4])
def test_flow(layers, sharpness):
    A = random_attention(layers=layers, heads=2, n=6, sharpness=sharpness)
    close(analysis.flow(A), plain_flow(plain_layers(A)), 1e-5)
    close(analysis.flow(A, add_identity=False), plain_flow(A.astype(np.float64).mean(1)), 1e-5)


def test_flow_of_real_attention():
    A, _ = real_attention("example_2")
    found = analysis.flow(A)
    close(found, plain_flow(plain_layers(A)), 1e-5)
    assert np.abs(found.sum(-1) - 1).max() < 1e-6
    close(analysis.flow(A[:1]), plain_layers(A)[0], 1e-6)


def plain_divergence(p, q):
    return (plogp(p) + plogp(q)).sum(-1) / 2 - plogp((p + q) / 2).sum(-1)


def test_distances_of_heads():
    texts = [random_attention(2, 3, 7), random_attention(2, 3, 5, seed=1)]
    expected = np.zeros((6, 6))
    for text in texts:
        n = text.shape[-1]
        smooth = (0.999 * text.astype(np.float64) + 0.001 / n).reshape(6, n, n)
        expected += plain_divergence(smooth[:, None], smooth[None]).sum(-1)
    found = analysis.head_distances(texts)
    close(found, expected, 1e-5)
    assert np.array_equal(found, found.T) and not found.diagonal().any()
    assert np.array_equal(analysis.head_distances(iter(texts)), found)
    close(analysis.head_distances(texts[0]) + analysis.head_distances(tuple(texts[1])), found, 1e-5)


def test_distances_of_the_heads_of_results(demo):
    results = demo.attend(["Angela lives in Paris.", "Hello world"])
    found = analysis.head_distances(results)
    assert found.shape == (72, 72)
    assert np.array_equal(analysis.head_distances(result.attentions for result in results), found)


def test_plane():
    points = np.random.default_rng(0).normal(0, (3, 1), (20, 2))
    distances = np.linalg.norm(points[:, None] - points, axis=-1)
    found = analysis.scale_to_plane(distances)
    assert np.abs(np.linalg.norm(found[:, None] - found, axis=-1) - distances).max() < 1e-5
    assert (found[np.abs(found).argmax(0), [0, 1]] > 0).all() and found.std(0)[0] > found.std(0)[1]
    assert analysis.scale_to_plane(distances, dimensions=3).shape == (20, 3)


def test_divergence():
    A, B = random_attention(seed=1), random_attention(seed=2)
    close(analysis.divergence(A, B), plain_divergence(A.astype(np.float64), B.astype(np.float64)).mean(-1))
    assert not analysis.divergence(A, A).any()


def test_agreement():
    scipy_stats = pytest.importorskip("scipy.stats", reason="scipy, the oracle, is not installed")
    random = np.random.default_rng(0)
    for values in (3, 1000):
        left, right = random.integers(0, values, (2, 200))
        assert abs(analysis.kendall_tau(left, right) - scipy_stats.kendalltau(left, right).statistic) < 1e-12
    assert np.isnan(analysis.kendall_tau([1, 1], [1, 2]))
    p, q = random.dirichlet(np.ones(9), 2)
    assert abs(analysis.total_variation(p, q) - np.abs(p - q).sum() / 2) < 1e-12


def test_states():
    states = np.random.default_rng(0).normal(0.3, 1, (4, 6, 16)).astype(np.float32)
    unit = states / np.linalg.norm(states.astype(np.float64), axis=-1, keepdims=True)
    close(analysis.state_cosines(states), np.einsum("anw,bnw->abn", unit, unit).mean(-1))
    pairs = np.einsum("anw,amw->anm", unit, unit)
    close(analysis.token_cosines(states), (pairs.sum((1, 2)) - 6) / 30)
    close(analysis.state_cosines(tuple(states[:, None])), analysis.state_cosines(states), 0)


def test_alignment():
    left, right = "the old doctor asked her".split(), "the doctor asked him".split()
    assert analysis.align_words(left, right) == [(0, 0), (2, 1), (3, 2), (4, 3)]
    assert analysis.align_words(["Müller"], ["東京"]) == [(0, 0)]


# ---- what heads do


TOKENS = ["[CLS]", "he", "##llo", "wor", "##ld", "th", "##ing", "re", "##al", ",", "[SEP]"]
PIECES = [None, 0, 0, 1, 1, 2, 2, 3, 3, 4, None]


def looking_at(keys):
    """A head whose query i looks at keys[i], at all alike for None."""
    n = len(keys)
    return np.stack([np.full(n, 1 / n) if key is None else np.eye(n)[key] for key in keys])


def test_patterns():
    n = len(TOKENS)
    heads = {
        "previous": looking_at([None, *range(n - 1)]),
        "next": looking_at([*range(1, n), None]),
        "self": np.eye(n),
        "cls": looking_at([0] * n),
        "sep": looking_at([n - 1] * n),
        "punctuation": looking_at([9] * n),
        "same_word": looking_at([None, 2, 1, 4, 3, 6, 5, 8, 7, None, None]),
        "mixed": np.full((n, n), 1 / n),
    }
    A = np.stack(list(heads.values()))[None]
    assert analysis.patterns(A, TOKENS, PIECES).tolist() == [list(heads)]
    known = ["previous", "next", "self"]
    assert analysis.patterns(A).tolist() == [[name if name in known else "mixed" for name in heads]]
    assert analysis.patterns(np.full((1, 1, 64, 64), 1 / 64)).tolist() == [["broad"]]
    assert analysis.patterns(A[0], TOKENS, PIECES).tolist() == list(heads)  # reduced heads


def test_patterns_of_a_result(demo):
    result = demo.attend("Angela Merkel visited Zurich, and Paris.")
    found = analysis.patterns(result)
    assert found.shape == (6, 12)
    assert np.array_equal(found, analysis.patterns(result.attentions, result.tokens, result.word_ids))


def test_patterns_of_real_attention():
    A, tokens = real_attention("example_2")
    found = analysis.patterns(A, tokens)
    sep = A[..., [index for index, token in enumerate(tokens) if token == "[SEP]"]].sum(-1).mean(-1)
    assert (found == "sep").any() and (sep[found == "sep"] > 0.6).all()


# ---- what is taken


def test_anything_with_an_array_in_it(attention):
    expected = analysis.rollout(attention)

    class WithArray:
        def __array__(self, dtype=None, copy=None):
            return attention

    class WithDlpack:
        def __dlpack__(self, **options):
            return attention.copy().__dlpack__(**options)

        def __dlpack_device__(self):
            return attention.__dlpack_device__()

    class Outputs:
        attentions = tuple(layer[None] for layer in attention)

    layers = [np.asarray(layer) for layer in attention]
    strided = np.ascontiguousarray(attention.transpose(3, 2, 1, 0)).transpose(3, 2, 1, 0)
    forms = [
        WithArray(), WithDlpack(), Outputs(), Outputs.attentions, layers, tuple(layers), attention[:, None],
        attention.tolist(), attention.astype(np.float64), strided,
    ]  # fmt: skip
    for form in forms:
        assert np.array_equal(analysis.rollout(form), expected), type(form)
    close(analysis.rollout(attention.astype(np.float16)), expected, 2e-3)


def test_float32_is_not_copied(attention):
    assert analysis.attention_array(attention) is attention
    assert np.shares_memory(analysis.attention_array(attention[:, None]), attention)


def test_torch(attention):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    tensor = torch.from_numpy(attention)
    expected = analysis.rollout(attention)
    assert np.array_equal(analysis.rollout(tensor), expected)
    assert np.array_equal(analysis.rollout(tensor.clone().requires_grad_()), expected)
    assert np.array_equal(analysis.rollout(tuple(layer[None] for layer in tensor.double())), expected)
    close(analysis.rollout(tensor.bfloat16()), expected, 1e-2)
    if torch.cuda.is_available():
        assert np.array_equal(analysis.rollout(tensor.cuda()), expected)
    assert analysis.kendall_tau(torch.arange(4.0), torch.arange(4.0).requires_grad_()) == 1.0


def test_results_and_outputs_of_models(demo):
    text = "Angela Merkel visited Zurich."
    result = demo.attend(text)
    outputs = demo(**demo.tokenizer(text, return_tensors="np"), output_attentions=True, output_hidden_states=True)
    assert np.array_equal(analysis.flow(result), analysis.flow(outputs.attentions))
    assert np.array_equal(analysis.flow(result), analysis.flow(outputs))
    assert analysis.state_cosines(outputs).shape == (7, 7)
    assert analysis.rollout(demo.attend(text, reduce="mean")).shape == (len(result.tokens),) * 2
    with pytest.raises(attnscope.UsageError, match="AttentionResult holds no attentions"):
        analysis.rollout(demo.attend(text, stats="entropy"))
    with pytest.raises(attnscope.UsageError, match=r"shape \[6, 12, 1, \d+\], expected .* rows of all tokens"):
        analysis.rollout(demo.attend(text, rows="cls"))


def test_no_torch_is_imported():
    program = """
        import sys
        sys.modules["torch"] = None  # an import of it fails
        import numpy as np
        from attnscope import analysis
        print(analysis.flow(np.full((2, 1, 3, 3), 1 / 3)).shape)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "(3, 3)\n"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.ones((4, 4)), r"A: has shape \[4, 4\], expected \[layers, heads, n, n\] or \[layers, n, n\]"),
        (np.ones((2, 3, 4, 5)), r"A: has shape \[2, 3, 4, 5\], expected"),
        (np.ones((2, 1, 3, 4, 5)), r"A: has shape \[2, 3, 4, 5\], expected"),
        (np.ones((2, 2, 3, 4, 4)), r"A: holds a batch of 2 texts, expected \[2, 1, 3, 4, 4\]; choose one"),
        ((np.ones((2, 3, 4, 4)),) * 2, r"A: holds a batch of 2 texts, expected \[2, 1, 3, 4, 4\]; choose one"),
        ((np.ones((1, 3, 4, 4)), np.ones((1, 3, 5, 5))), r"A: has layers of shapes \[1, 3, 4, 4\], \[1, 3, 5, 5\]"),
        ((), "A: is empty; load the model with attn_implementation='eager'"),
        (np.ones((2, 3, 0, 0)), r"weights: has shape \[2, 3, 0, 0\], expected .* without a size of 0"),
        (np.array([["a"]]), "A: is <U1, expected float32"),
        (np.ones((2, 3, 4, 4), dtype=complex), "A: is complex128, expected float32"),
        ([[[[1, 2], [3]]]], "A: its rows differ in length"),
        (None, r"A: None in place of weights, expected \[layers, heads, n, n\].*attn_implementation='eager'"),
        (object(), "A: is object, expected float32"),
        ("text", "A: is <U4, expected float32"),
    ],
)
def test_wrong_attention_is_named(wrong, message):
    with pytest.raises(attnscope.UsageError, match=message):
        analysis.rollout(wrong)


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1])
@pytest.mark.parametrize("function", ["entropy", "rollout", "flow", "received", "head_distances", "patterns"])
def test_values_that_are_no_weights_are_named(function, value):
    A = random_attention(2, 3, 5)
    A[1, 2, 3, 4] = value
    with pytest.raises(attnscope.UsageError, match=r"layer 1, head 2, row 3: .* at column 4, expected a finite number"):
        getattr(analysis, function)(A)


def test_wrong_arguments_are_named():
    A = random_attention(n=8)
    for call, message in [
        (lambda: analysis.word_attention(A), r"word_ids: not given; pass encoding.word_ids\(\)"),
        (lambda: analysis.word_attention(A, [0, 1]), "word_ids: has 2 entries, expected one for each of the 8 tokens"),
        (lambda: analysis.word_attention(A, [0, 1, 0, 0, 0, 0, 0, 0]), "fall from 1 to 0 at token 2"),
        (lambda: analysis.word_attention(A, WORD_IDS, "median"), "rule: 'median'; choose from mean, first, max"),
        (lambda: analysis.without_tokens(A, [0], "zero"), "rule: 'zero'; choose from renormalise, keep_mass"),
        (lambda: analysis.without_tokens(A, range(8)), "has all 8 tokens in it"),
        (lambda: analysis.entropy(A, rows=[8]), r"rows: 8 does not exist .* choose from 0\.\.7"),
        (lambda: analysis.entropy(A, rows=[]), "rows: has no query in it"),
        (lambda: analysis.entropy(A, rows=[True]), r"rows: has shape \[1\], expected \[8\]"),
        (lambda: analysis.entropy(A, rows=[0.5]), "rows: is float64, expected positions or flags"),
        (lambda: analysis.patterns(A, ["[CLS]"]), "tokens: has 1 entries"),
        (lambda: analysis.accumulate(A), r"contributions: has shape \[3, 4, 8, 8\], expected \[layers, T, T\]"),
        (lambda: analysis.head_distances([]), "A: no text is in it"),
        (lambda: analysis.head_distances([A, A[:2]]), r"has shape \[2, 4, 8, 8\], expected \[3, 4, n, n\]"),
        (lambda: analysis.head_distances(A[0]), r"A: has shape \[4, 8, 8\], expected \[layers, heads, n, n\]"),
        (lambda: analysis.divergence(A, A[:2]), r"right: has shape \[2, 4, 8, 8\], expected that of left"),
        (lambda: analysis.scale_to_plane(np.eye(3), 4), "dimensions: 4, expected 1 to 3"),
        (lambda: analysis.kendall_tau([1, 2], [1]), "have 2 and 1 numbers"),
        (lambda: analysis.kendall_tau([[1, 2]], [1, 2]), r"left: has shape \[1, 2\], expected \[m\]"),
        (lambda: analysis.token_cosines(np.ones((2, 1, 4))), "with at least 2 tokens"),
        (lambda: analysis.state_cosines(np.ones((2, 4))), r"has shape \[2, 4\], expected \[states, n, width\]"),
    ]:
        with pytest.raises(attnscope.UsageError, match=message):
            call()


# ---- the process


def test_bits_do_not_depend_on_the_number_of_threads():
    A = random_attention(3, 4, 40)
    functions = [analysis.entropy, analysis.received, analysis.rollout, analysis.flow, analysis.head_distances]
    before = attnscope.get_num_threads()
    try:
        attnscope.set_num_threads(1)
        expected = [function(A) for function in functions]
        attnscope.set_num_threads(3)
        for function, result in zip(functions, expected, strict=True):
            assert np.array_equal(function(A), result), function
    finally:
        attnscope.set_num_threads(before)


def test_ctrl_c_ends_flow():
    program = """
        import os, signal, threading, time
        import numpy as np
        from attnscope import analysis

        A = np.random.default_rng(0).dirichlet(np.full(300, 0.05), (12, 1, 300))  # takes minutes
        analysis.flow(A[:1, :, :4, :4])
        sent = []
        def interrupt():
            time.sleep(0.5)
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt).start()
        try:
            analysis.flow(A)
        except KeyboardInterrupt:
            print(time.monotonic() - sent[0])
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert float(done.stdout) < 1.0  # 0.02 s on a machine that does nothing else


def test_python_runs_while_the_engine_works():
    A = random_attention(8, 1, 48)
    ticks = []
    done = threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    begin = time.monotonic()
    analysis.flow(A)
    end = time.monotonic()
    done.set()
    thread.join()
    assert sum(begin < tick < end for tick in ticks) >= 3
