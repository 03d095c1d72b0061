# SPDX-License-Identifier: Apache-2.0
"""`attnscope diff`: two texts, two layers, two models."""

import json
import shutil

import numpy
import pytest

LEFT = "Angela lives in Paris ."
RIGHT = "Angela works in Paris and there ."


def output(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def diff(attnscope, tiny_model):
    return lambda *arguments: json.loads(output(attnscope("diff", *arguments, "-m", tiny_model, "--json")))


@pytest.fixture(scope="session")
def shallow_model(tiny_model, tmp_path_factory):
    """One layer and two heads, with the same tokenizer."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    vocabulary = (tiny_model / "vocab.txt").read_text().splitlines()
    torch.manual_seed(1)
    config = transformers.DistilBertConfig(
        vocab_size=len(vocabulary), dim=32, hidden_dim=64, n_layers=1, n_heads=2, max_position_embeddings=32,
        initializer_range=0.5,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("shallow_model")
    transformers.DistilBertModel(config).save_pretrained(folder)
    for name in ("vocab.txt", "tokenizer_config.json"):
        shutil.copy(tiny_model / name, folder)
    return folder


def test_two_texts_are_compared_between_aligned_words(diff, arrays):
    found = diff(LEFT, RIGHT)
    assert found["left_names"] == ["[CLS]", "Angela", "lives", "in", "Paris", ".", "[SEP]"]
    assert found["pairs"] == [[0, 0], [1, 1], [2, 2], [3, 3], [4, 4], [5, 7], [6, 8]]
    stored = arrays(LEFT, RIGHT)  # every word is one piece
    left, right = stored["0.attentions"], stored["1.attentions"]
    chosen = [pair[1] for pair in found["pairs"]]
    change = right[:, :, chosen][..., chosen].astype(float) - left
    assert numpy.array(found["mean_difference"]) == pytest.approx(abs(change).mean((2, 3)), abs=1e-6)
    sizes = [abs(place["right"] - place["left"]) for place in found["strongest"]]
    assert sizes == pytest.approx(sorted(abs(change).ravel(), reverse=True)[:10], abs=1e-6)
    top = found["strongest"][0]
    at = (top["layers"][0], top["head"], top["from"], top["to"])
    assert top["right"] - top["left"] == pytest.approx(change[at], abs=1e-6)


def test_pieces_are_put_together(diff):
    found = diff("Angela works friendly .", "Angela lives friendly .")
    assert found["left_names"] == ["[CLS]", "Angela", "works", "friendly", ".", "[SEP]"]


def test_a_text_does_not_differ_from_itself(diff):
    found = diff(LEFT, LEFT)
    assert not numpy.array(found["mean_difference"]).any()


def test_two_layers_are_compared_by_the_mean_of_their_heads(diff, arrays):
    found = diff(LEFT, "--layers", "0,1")
    means = arrays(LEFT)["attentions"].mean(1)
    assert found["layers"] == [[0, 1]] and found["by_head"] is False
    assert found["mean_difference"][0][0] == pytest.approx(abs(means[1] - means[0]).mean(), abs=1e-6)
    assert found["strongest"][0]["head"] is None


@pytest.mark.parametrize("option", ["--model2", "-m2"])
def test_two_models_are_compared_on_one_text(diff, tiny_model, shallow_model, tmp_path, option):
    shutil.copytree(tiny_model, tmp_path / "copy")
    same = diff(LEFT, option, tmp_path / "copy")
    assert same["by_head"] and not numpy.array(same["mean_difference"]).any()
    other = diff(LEFT, option, shallow_model)
    assert other["layers"] == [[1, 0]] and other["by_head"] is False
    assert other["mean_difference"][0][0] > 0


def test_the_tables_name_words_and_layers(attnscope, tiny_model, diff):
    found = diff(LEFT, RIGHT, "--top", "3")
    head, means, strongest = output(attnscope("diff", LEFT, RIGHT, "--top", "3", "-m", tiny_model)).split("\n\n")
    assert head == "7 aligned, of 7 left and 9 right; replaced: lives / works"
    title, columns, *rows = means.splitlines()
    assert title.startswith("mean |right - left| of each head") and columns.split() == "layer head 0 1 2 3 mean".split()
    assert [float(value) for value in rows[1].split()[1:5]] == pytest.approx(found["mean_difference"][1], abs=6e-4)
    lines = strongest.splitlines()
    assert len(lines) == 5
    top = found["strongest"][0]
    assert float(lines[2].split()[0]) == pytest.approx(top["right"] - top["left"], abs=6e-4)
    by_layer = output(attnscope("diff", LEFT, "--layers", "0,1", "-m", tiny_model))
    assert "of the mean over heads" in by_layer and "0 / 1" in by_layer


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([LEFT], "B: there is nothing to compare with; give a second text, --layers 1,5, or --model2 DIR"),
        ([LEFT, "--layers", "0"], "--layers: '0' is no pair of layers"),
        ([LEFT, "--layers", "0,7"], "--layers: '7' is not a whole number in the range 0..1"),
        ([LEFT, RIGHT, "--layers", "0,1"], "--layers: two layers are compared on one text in one model"),
        ([LEFT, RIGHT, "--top", "-1"], "--top: '-1' is not a whole number"),
    ],
)
def test_what_cannot_be_compared_is_refused(attnscope, tiny_model, arguments, expected):
    result = attnscope("diff", *arguments, "-m", tiny_model)
    assert result.returncode == 2 and expected in result.stderr, result.stderr
