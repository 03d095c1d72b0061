# SPDX-License-Identifier: Apache-2.0
"""`attnscope run -o` a table: the weights of the arrays, one line each."""

import csv
import json

import numpy
import pytest
from run_command import run

TEXT = 'Angela "Angie" Merkel, née Kasner: C:\\temp \\t; \'x\' <b>&amp;</b>, \u202e東京'
UNESCAPED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def unescaped(field):
    """Of a .tsv file."""
    parts = iter(field)
    return "".join(UNESCAPED[next(parts)] if part == "\\" else part for part in parts)


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in file]
        if path.suffix == ".csv":
            return list(csv.DictReader(file, strict=True))
        names, *lines = (line.removesuffix("\n").split("\t") for line in file)
        return [dict(zip(names, map(unescaped, line), strict=True)) for line in lines]


def column(table, name, kind):
    return numpy.array([kind(row[name]) for row in table])


@pytest.fixture
def both(attnscope, tmp_path):
    """The table and the arrays of one run of the embedded model."""

    def load(ending, *arguments):
        run(attnscope, *arguments, "-o", tmp_path / f"out{ending}")
        run(attnscope, *arguments, "-o", tmp_path / "out.npz")
        with numpy.load(tmp_path / "out.npz") as file:
            return read_table(tmp_path / f"out{ending}"), dict(file)

    return load


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl"])
def test_a_table_has_the_bits_of_the_arrays(both, ending):
    table, arrays = both(ending, TEXT, "--layers", "5,0", "--heads", "3,1")
    weights, tokens = arrays["attentions"], arrays["tokens"].tolist()
    assert {'"', ",", "\\"} <= set(tokens)
    assert list(table[0]) == ["layer", "head", "from", "to", "from_token", "to_token", "weight"]
    found = column(table, "weight", numpy.float32).reshape(weights.shape)
    numpy.testing.assert_array_equal(found.view(numpy.uint32), weights.view(numpy.uint32))
    indices = numpy.indices(weights.shape).reshape(4, -1)
    assert (column(table, "layer", int) == arrays["layers"][indices[0]]).all()
    assert (column(table, "head", int) == arrays["heads"][indices[1]]).all()
    for place, axis in (("from", 2), ("to", 3)):
        assert (column(table, place, int) == indices[axis]).all()
        assert [row[f"{place}_token"] for row in table] == [tokens[index] for index in indices[axis]]


def test_several_texts_have_their_index_and_reduced_heads_none(both):
    table, arrays = both(".csv", TEXT, "Paris", "--reduce", "max", "--rows=0,-1")
    assert list(table[0]) == ["text", "layer", "from", "to", "from_token", "to_token", "weight"]
    for text in (0, 1):
        rows = [row for row in table if row["text"] == str(text)]
        weights = arrays[f"{text}.attentions"]
        numpy.testing.assert_array_equal(column(rows, "weight", numpy.float32), weights.ravel())
        assert set(column(rows, "from", int)) == set(arrays[f"{text}.rows"].tolist())


def test_windows_are_named(both):
    chosen = ["--layers", "0", "--heads", "0", "--rows", "cls"]
    table, arrays = both(".jsonl", "a b c " * 200, "d", "--stride", "8", *chosen)
    places = sorted({(row["text"], row["window"]) for row in table})
    assert places == [(0, 0), (0, 1), (1, 0)]
    assert arrays["text_index"].tolist() == [text for text, _ in places]


@pytest.mark.parametrize("option", [["--hidden-states"], ["--logits"], ["--stats", "entropy"]])
def test_a_table_holds_weights_only(attnscope, tmp_path, option):
    result = attnscope("run", "a", *option, "-o", tmp_path / "a.csv")
    assert result.returncode == 2 and option[0] in result.stderr and "holds weights only" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_lists_those_there_are(attnscope, tmp_path):
    result = attnscope("run", "a", "-o", tmp_path / "a.txt")
    assert result.returncode == 2
    assert all(ending in result.stderr for ending in (".npz", ".safetensors", ".csv", ".tsv", ".jsonl"))


def test_a_table_is_not_drawn_as_a_text(attnscope, tmp_path):
    run(attnscope, "a", "-o", tmp_path / "a.csv")
    result = attnscope("plot", tmp_path / "a.csv", "-o", tmp_path / "a.svg")
    assert result.returncode == 2 and "is a table" in result.stderr
    assert not (tmp_path / "a.svg").exists()


def test_a_folder_that_is_not_there_is_found_before_the_work(attnscope, tmp_path):
    result = attnscope("run", "a", "-o", tmp_path / "no" / "a.csv")
    assert result.returncode not in (0, 2) and "no" in result.stderr
