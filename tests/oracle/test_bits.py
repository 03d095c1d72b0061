# SPDX-License-Identifier: Apache-2.0
"""A text has the same bits whatever stands beside it, however it is run, and whoever watches."""

import numpy as np
import pytest
from oracle_models import FAMILIES, make_model, random_texts
from oracle_probe import run_probe

LENGTHS = (1, 2, 9, 33, 64, 65, 128, 9, 200, 0)


@pytest.fixture(scope="module", params=FAMILIES)
def baseline(request, tmp_path_factory):
    """(model, texts, results of every text alone)."""
    folder = tmp_path_factory.mktemp("model")
    make_model(request.param, "token_classification", layers=4, heads=6, head_dim=32, hidden=256, vocab=500,
               positions=256, initializer_range=0.1).save_pretrained(folder)
    texts = random_texts(LENGTHS, 500, seed=6)
    return folder, texts, run_probe(folder, texts)


def assert_same_bits(expected, found):
    for index, (before, after) in enumerate(zip(expected, found, strict=True)):
        assert before.keys() == after.keys()
        for part, array in before.items():
            same = after[part].tobytes() == array.tobytes()
            assert same, f"text {index} (length {LENGTHS[index]}): {part}: {np.sum(after[part] != array)} values differ"


@pytest.mark.parametrize("options", [
    ("--threads", 2), ("--batch",), ("--batch", "--threads", 2), ("--hooked",),
    ("--hooked", "--batch", "--threads", 2), ("--threads", 0),
], ids=lambda options: " ".join(map(str, options)))
def test_same_bits_in_a_batch_on_any_number_of_threads_hooked_or_not(baseline, options):
    folder, texts, expected = baseline
    assert_same_bits(expected, run_probe(folder, texts, *options))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_same_bits_in_any_order(baseline, seed):
    folder, texts, expected = baseline
    order = np.random.default_rng(seed).permutation(len(texts))
    shuffled = run_probe(folder, [texts[i] for i in order], "--batch")
    back = [shuffled[place] for place in np.argsort(order)]
    assert_same_bits(expected, back)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_same_bits_in_any_batch_size(baseline, size):
    folder, texts, expected = baseline
    found = []
    for start in range(0, len(texts), size):
        found.extend(run_probe(folder, texts[start:start + size], "--batch"))
    assert_same_bits(expected, found)


@pytest.mark.parametrize("extra", [(), ("--hooked",), ("--attentions-only",)], ids=["all", "hooked", "attentions"])
@pytest.mark.parametrize("layers, heads", [([0], [0]), ([3], [5]), ([1, 2], [0, 3]), ([2, 0], [4, 1, 2]),
                                           ([0, 1, 2, 3], [1])])
def test_chosen_layers_and_heads_are_a_slice_of_the_whole(baseline, layers, heads, extra):
    folder, texts, expected = baseline
    found = run_probe(folder, texts, "--batch", "--layers", join(layers), "--heads", join(heads), *extra)
    for whole, part in zip(expected, found, strict=True):
        slice_of_whole = np.ascontiguousarray(whole["attentions"][layers][:, heads])
        assert part["attentions"].shape == slice_of_whole.shape
        assert part["attentions"].tobytes() == slice_of_whole.tobytes()


def test_attentions_only_are_those_of_the_whole_run(baseline):
    folder, texts, expected = baseline
    for whole, part in zip(expected, run_probe(folder, texts, "--attentions-only"), strict=True):
        assert list(part) == ["attentions"]
        assert part["attentions"].tobytes() == whole["attentions"].tobytes()


@pytest.mark.parametrize("heads", [None, [2, 5]], ids=["all heads", "two heads"])
@pytest.mark.parametrize("name, reduction", [("mean", np.mean), ("max", np.max)])
def test_reduced_is_numpys_reduction_of_the_whole(baseline, name, reduction, heads):
    folder, texts, expected = baseline
    choice = [] if heads is None else ["--heads", join(heads)]
    found = run_probe(folder, texts, "--batch", "--attentions-only", "--reduce", name, *choice)
    for whole, part in zip(expected, found, strict=True):
        attentions = whole["attentions"] if heads is None else whole["attentions"][:, heads]
        np.testing.assert_allclose(part["attentions"], reduction(attentions, axis=1), rtol=0, atol=1e-6)


def test_rows_sum_to_one(baseline):
    for result in baseline[2]:
        np.testing.assert_allclose(result["attentions"].sum(-1), 1.0, rtol=0, atol=2e-6)


def join(numbers):
    return ",".join(map(str, numbers))
