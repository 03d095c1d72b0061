# SPDX-License-Identifier: Apache-2.0
"""`attnscope run --rows` and `--stats`: equal to the same taken from the stored weights."""

import json
import pathlib
import sys

import numpy
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "oracle"))
from oracle_statistics import expected_received, expected_statistics, expected_top
from run_command import run

TEXT = "This is a simple example sentence."
TEXTS = [TEXT, "hello", "Angela lives in Paris and works there !"]
STATISTICS = ["entropy", "max", "distance", "self", "previous", "next", "cls", "sep", "punctuation"]


def of_text(arrays, index):
    """The arrays of one of several texts, without its prefix."""
    return {name.split(".", 1)[1]: array for name, array in arrays.items() if name.startswith(f"{index}.")}


@pytest.mark.parametrize(
    ("chosen", "rows_of"),
    [("all", lambda n: list(range(n))), ("cls", lambda n: [0]), ("-1", lambda n: [n - 1]),
     ("1,-1", lambda n: [1, n - 1]), ("0-1", lambda n: [0, 1]), ("-2--1", lambda n: [n - 2, n - 1])],
)  # fmt: skip
def test_rows_are_those_of_all_weights(arrays, chosen, rows_of):
    everything = arrays(*TEXTS, "--layers", "1,0", "--heads", "3,1")
    found = arrays(*TEXTS, "--layers", "1,0", "--heads", "3,1", f"--rows={chosen}")
    for index in range(len(TEXTS)):
        whole, part = of_text(everything, index), of_text(found, index)
        rows = rows_of(len(whole["tokens"]))
        numpy.testing.assert_array_equal(part["attentions"], whole["attentions"][:, :, rows])
        if chosen == "all":
            assert "rows" not in part
        else:
            assert part["rows"].tolist() == rows and part["rows"].dtype == numpy.int64


def test_a_negative_row_needs_no_equals_sign(arrays):
    assert arrays(TEXT, "--rows", "-1")["rows"].tolist() == [8]


@pytest.mark.parametrize("reduce", ["mean", "max"])
def test_rows_are_reduced(arrays, reduce):
    whole = arrays(TEXT, "--reduce", reduce)["attentions"]
    found = arrays(TEXT, "--reduce", reduce, "--rows", "4,0")["attentions"]
    numpy.testing.assert_array_equal(found, whole[:, [4, 0]])


@pytest.mark.parametrize("rows", [None, "-1,0"])
def test_statistics_are_those_of_the_stored_weights(arrays, rows):
    choice = ["--layers", "1,0", "--heads", "3,1"]
    everything = arrays(*TEXTS, *choice)
    found = arrays(*TEXTS, *choice, "--stats", "all,top3", *(["--rows", rows] if rows else []))
    for index in range(len(TEXTS)):
        whole, part = of_text(everything, index), of_text(found, index)
        weights, n = whole["attentions"], len(whole["tokens"])
        chosen = [n - 1, 0] if rows else list(range(n))
        expected = expected_statistics(weights, whole["tokens"], chosen)
        assert list(expected) == STATISTICS
        for name, values in expected.items():
            assert part[name].dtype == numpy.float32 and part[name].shape == (2, 2, len(chosen))
            numpy.testing.assert_allclose(part[name], values, rtol=1e-6, atol=1e-6, err_msg=name)
        received = expected_received(weights, chosen)
        numpy.testing.assert_allclose(part["received"], received, rtol=1e-6, atol=1e-6)
        top_weights, top_keys = expected_top(weights, chosen, 3)
        assert part["top_keys"].dtype == numpy.int64
        numpy.testing.assert_array_equal(part["top_keys"], top_keys)
        numpy.testing.assert_array_equal(part["top_weights"], top_weights)


def test_statistics_come_in_place_of_the_weights_unless_both_are_asked_for(arrays):
    others = {"layers", "heads", "input_ids", "offsets", "tokens", "metadata"}
    found = arrays(TEXT, "--stats", "sep,entropy,top5")
    assert set(found) == others | {"sep", "entropy", "top_weights", "top_keys"}
    assert found["top_keys"].shape == (2, 4, 9, 5)
    both = arrays(TEXT, "--stats", "received", "--weights", "--reduce", "mean")
    assert set(both) == others | {"received", "attentions"} and both["attentions"].shape == (2, 9, 9)
    numpy.testing.assert_array_equal(arrays(TEXT, "--weights")["attentions"], arrays(TEXT)["attentions"])


def test_fewer_keys_than_asked_for_are_all_of_them(arrays):
    found = arrays("hello", TEXT, "--stats", "top5")
    assert found["0.top_keys"].shape == (2, 4, 3, 3) and found["1.top_keys"].shape == (2, 4, 9, 5)


def test_safetensors_says_the_same_as_npz(attnscope, tiny_model, tmp_path, arrays):
    safetensors = pytest.importorskip("safetensors")
    arguments = [*TEXTS, "--stats", "all,top2", "--weights", "--rows", "cls"]
    expected = arrays(*arguments)
    run(attnscope, *arguments, "-m", tiny_model, "-o", tmp_path / "a.safetensors")
    with safetensors.safe_open(str(tmp_path / "a.safetensors"), "numpy") as file:
        names = set(file.keys())
        assert names == {name for name in expected if not name.endswith(("tokens", "metadata"))}
        for name in names:
            numpy.testing.assert_array_equal(file.get_tensor(name), expected[name])


def test_the_table_shows_means_and_says_so(attnscope, tiny_model, arrays):
    found = arrays(TEXT, "--stats", "sep,distance,received,top2", "--rows", "0-3")
    lines = run(attnscope, TEXT, "-m", tiny_model, "--stats", "sep,distance,received,top2", "--rows", "0-3").stdout
    heading, columns, first, second = lines.splitlines()
    assert heading.startswith("mean over 4 heads and 4 rows; received: sum over the rows")
    assert columns.split() == ["layer", "sep", "distance", "top2", "received", "most"]
    assert first.split()[0] == "0" and second.split()[0] == "1"
    means = [found["sep"][1].mean(), found["distance"][1].mean(), found["top_weights"][1].sum(-1).mean()]
    numpy.testing.assert_allclose([float(word) for word in second.split()[1:4]], means, atol=6e-4)
    most = found["received"][1].mean(0)
    assert second.split()[4:] == [f"{most.max():.3f}", "by", found["tokens"][most.argmax()]]


def test_the_summary_names_the_tokens_of_the_rows(attnscope, tiny_model, arrays):
    found = arrays(TEXT, "--rows", "5,2")
    lines = run(attnscope, TEXT, "-m", tiny_model, "--rows", "5,2").stdout.splitlines()
    assert lines[0] == "layer 0: [1, 4, 2, 9]"
    head, row, key = numpy.unravel_index(found["attentions"][0].argmax(), (4, 2, 9))
    tokens = found["tokens"]
    expected = ["head", str(head), tokens[[5, 2][row]], "to", tokens[key]]
    assert lines[1].split() == [f"{found['attentions'][0].max():.3f}", *expected]


def test_json_says_the_means_and_the_rows(attnscope, tiny_model, arrays):
    found = arrays(TEXT, "hello", "--stats", "entropy,received,top2", "--rows=-1,0")
    result = run(
        attnscope, TEXT, "hello", "-m", tiny_model, "--stats", "entropy,received,top2", "--rows=-1,0", "--json"
    )
    for index, line in enumerate(result.stdout.splitlines()):
        one, part = json.loads(line), of_text(found, index)
        assert one["rows"] == part["rows"].tolist()
        for layer in one["layers"]:
            position = layer["layer"]
            assert set(layer) == {"layer", "mean_statistics", "mean_received"}
            means = layer["mean_statistics"]
            assert means["entropy"] == pytest.approx(part["entropy"][position].mean(), abs=1e-6)
            assert means["top2"] == pytest.approx(part["top_weights"][position].sum(-1).mean(), abs=1e-6)
            assert layer["mean_received"] == pytest.approx(part["received"][position].mean(0), abs=1e-6)
    rows = json.loads(run(attnscope, TEXT, "-m", tiny_model, "--rows", "7", "--json").stdout)
    assert {weight["from"] for layer in rows["layers"] for weight in layer["strongest"]} == {7}


def test_rows_and_statistics_of_windows(arrays):
    found = arrays(TEXT + " " + " ".join(["hello"] * 40), "--stride", "5", "--rows", "-1", "--stats", "max")
    assert found["text_index"].tolist() == [0, 0]
    assert found["0.rows"].tolist() == [31] and found["1.max"].shape == (2, 4, 1)
    assert found["1.rows"].tolist() == [len(found["1.tokens"]) - 1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--stats", "entrpy"], "'entrpy' is not one of: entropy, max, "),
        (["--stats", "entrpy"], "did you mean 'entropy'?"),
        (["--stats", "frobnicate"], "punctuation, received, top5, all"),
        (["--stats", "max,"], "'' is not one of"),
        (["--stats", "top"], "did you mean 'top5'?"),
        (["--stats", "top0"], "'0' is not a whole number in the range 1..1000000"),
        (["--stats", "top99999999999999999999"], "1..1000000"),
        (["--stats", "max,self,max"], "max is given twice"),
        (["--stats", "all,sep"], "sep is given twice"),
        (["--stats", "received,all"], "received is given twice"),
        (["--stats", "top3,top5"], "top is given twice"),
        (["--stats", "max", "--reduce", "mean"], "--reduce: there are no weights to reduce with --stats; add --weights"),
        (["--rows", "last"], "--rows: 'last' is not a whole number in the range -32..31"),
        (["--rows", "32"], "-32..31"),
        (["--rows", "0--1"], "count both from the same side"),
        (["--rows", "3"], "--rows: 3 does not exist in text 1; it has 3 tokens: choose from 0..2"),
        (["--rows=-4"], "-4 does not exist in text 1"),
        (["--rows=0,-3"], "0 is named twice in text 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_met_is_refused_and_writes_nothing_row_61(attnscope, tiny_model, tmp_path, arguments, expected):
    result = attnscope("run", TEXT, "hello", "-m", tiny_model, *arguments, "-o", tmp_path / "out.npz")
    assert result.returncode == 2 and expected in result.stderr, result.stderr
    assert not list(tmp_path.iterdir())
