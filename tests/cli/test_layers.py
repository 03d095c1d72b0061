# SPDX-License-Identifier: Apache-2.0
"""`attnscope layers`: the numbers equal those of the stored weights and hidden states."""

import json
import pathlib
import sys

import numpy
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "oracle"))
from oracle_statistics import expected_statistics

TEXT = "Angela lives in Paris and works friendly ."


def output(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def layers(attnscope, tiny_model):
    return lambda *arguments: json.loads(output(attnscope("layers", *arguments, "-m", tiny_model, "--json")))


def rollout_of(weights):
    """[layers, T, T]."""
    mixed = (weights.mean(1).astype(float) + numpy.eye(weights.shape[-1])) / 2
    steps = [mixed[0]]
    for layer in mixed[1:]:
        steps.append(layer @ steps[-1])
    return numpy.array(steps)


def cosines(left, right):
    return (left * right).sum(-1) / numpy.linalg.norm(left, axis=-1) / numpy.linalg.norm(right, axis=-1)


def test_numbers_are_means_over_heads_and_rows(layers, arrays):
    stored = arrays(TEXT, "--hidden-states")
    weights, states = stored["attentions"], stored["hidden_states"].astype(float)
    n = len(stored["tokens"])
    expected = {
        name: values.mean((1, 2))
        for name, values in expected_statistics(weights, stored["tokens"], list(range(n))).items()
    }
    expected["relative_entropy"] = expected["entropy"] / numpy.log(n)
    found = layers(TEXT)
    assert found["from_tokens"] == [0] and found["tokens"] == stored["tokens"].tolist()
    rollout = rollout_of(weights)
    for index, layer in enumerate(found["layers"]):
        assert layer["layer"] == index
        for name in ("entropy", "relative_entropy", "distance", "cls", "sep"):
            assert layer[name] == pytest.approx(expected[name][index], abs=1e-5), name
        assert layer["state_cosine"] == pytest.approx(cosines(states[index], states[index + 1]).mean(), abs=1e-5)
        pairs = cosines(states[index + 1][:, None], states[index + 1][None])
        assert layer["token_cosine"] == pytest.approx((pairs.sum() - n) / (n * (n - 1)), abs=1e-5)
        assert layer["rollout"] == pytest.approx(rollout[index, 0], abs=1e-6)
    assert found["layers"][0]["previous_divergence"] is None
    means = weights.mean(1).astype(float)
    middle = (means[0] + means[1]) / 2
    divergence = sum((p * numpy.log(p / middle)).sum(-1) for p in means).mean() / 2
    assert found["layers"][1]["previous_divergence"] == pytest.approx(divergence, abs=1e-5)
    assert len(found["state_cosines"]) == 3 and len(found["token_cosines"]) == 3


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [(["--token", "4"], [4]), (["--token=-1"], [-1]), (["--word", "Paris"], [4]), (["--word", "friendly"], None)],
)
def test_the_rollout_is_of_the_token_or_the_word(layers, arrays, arguments, rows):
    stored = arrays(TEXT)
    n = len(stored["tokens"])
    # "friendly" is in pieces, from the seventh token on, before "." and [SEP].
    rows = list(range(7, n - 2)) if rows is None else [row % n for row in rows]
    found = layers(TEXT, *arguments)
    assert found["from_tokens"] == rows
    expected = rollout_of(stored["attentions"])[:, rows].mean(1)
    for layer, values in zip(found["layers"], expected, strict=True):
        assert layer["rollout"] == pytest.approx(values, abs=1e-6)


def test_the_flow_comes_only_when_asked(layers):
    assert "flow" not in layers(TEXT)["layers"][0]
    first, last = layers(TEXT, "--flow")["layers"]
    assert first["flow"] == pytest.approx(first["rollout"], abs=1e-6)  # of one layer they are the same
    assert sum(last["flow"]) == pytest.approx(1, abs=1e-5)


def test_the_tables_show_layers_and_tokens(attnscope, tiny_model, layers):
    found = layers(TEXT, "--word", "Paris")
    first, second = output(attnscope("layers", TEXT, "--word", "Paris", "-m", tiny_model)).split("\n\n")
    heading, columns, *rows = first.splitlines()
    assert heading.startswith("means over 4 heads and ") and columns.split()[:2] == ["layer", "entropy"]
    assert [float(row.split()[1]) for row in rows] == pytest.approx(
        [layer["entropy"] for layer in found["layers"]], abs=6e-4
    )
    assert rows[0].split()[-3] == "-"  # no layer before the first
    title, _, *tokens = second.splitlines()
    assert title.startswith("rollout from paris (4)")
    assert [line.split()[1] for line in tokens] == found["tokens"]
    assert float(tokens[2].split()[2]) == pytest.approx(found["layers"][0]["rollout"][2], abs=6e-4)


def test_a_long_text_shows_the_tokens_that_matter_most(attnscope, tiny_model):
    text = output(attnscope("layers", "hello " * 30, "-m", tiny_model))
    assert "the 30 largest of 32 tokens" in text and len(text.split("\n\n")[1].splitlines()) == 32


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--word", "Pariss"], "--word: 'Pariss' is no word of the text: Angela, lives, in, Paris, "),
        (["--word", "Pariss"], "did you mean 'Paris'?"),
        (["--token", "99"], "--token: '99' is not a whole number in the range "),
        (["--token", "1", "--word", "Paris"], "--word: a word and a token exclude each other"),
    ],
)
def test_what_the_text_does_not_have_is_refused(attnscope, tiny_model, arguments, expected):
    result = attnscope("layers", TEXT, *arguments, "-m", tiny_model)
    assert result.returncode == 2 and expected in result.stderr, result.stderr
