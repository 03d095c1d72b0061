# SPDX-License-Identifier: Apache-2.0
"""docs/bad_inputs.md row 55: `attnscope run --stride` cuts long texts into windows, and only then."""

import json

import numpy
import pytest

WORDS = "this is a simple example sentence . angela lives in paris and works there".split()
LIMIT = 32  # positions of the tiny model
ROOM = LIMIT - 2


def words(count, first=0):
    return " ".join(WORDS[(first + index) % len(WORDS)] for index in range(count))


def load(path):
    with numpy.load(path, allow_pickle=False) as file:
        return dict(file)


@pytest.fixture
def arrays(attnscope, tiny_model, tmp_path):
    def run(*arguments, model=tiny_model):
        result = attnscope("run", "-m", model, *arguments, "-o", tmp_path / "out.npz")
        assert result.returncode == 0, result.stderr
        return load(tmp_path / "out.npz")

    return run


def windows_of(ids, stride, room):
    content, step = ids[1:-1], room - stride
    starts = range(0, max(len(content) - stride, 1), step)
    return [[ids[0], *content[start:start + room], ids[-1]] for start in starts]


def test_a_text_of_600_tokens_becomes_windows_of_the_embedded_model_row_55(attnscope, arrays):
    text = words(600)
    tokens = json.loads(attnscope("tokenize", "--json", text).stdout)
    found = arrays(text, "--stride", "100", "--layers", "0", model="builtin:demo")
    expected = windows_of(tokens["input_ids"], 100, 510)
    assert len(expected) == 2 and found["text_index"].tolist() == [0, 0] and found["text_index"].dtype == numpy.int64
    for index, ids in enumerate(expected):
        assert found[f"{index}.input_ids"].tolist() == ids
        assert found[f"{index}.attentions"].shape[2:] == (len(ids), len(ids))
        assert found[f"{index}.offsets"][-2].tolist() == tokens["offsets"][600 if index else 510]


@pytest.mark.parametrize("stride", [0, 7, 29])
def test_attentions_of_a_window_are_those_of_its_words_alone_row_55(arrays, stride):
    count = 70
    found = arrays(words(count), "--stride", str(stride))
    starts = range(0, count - stride, ROOM - stride)
    assert found["text_index"].tolist() == [0] * len(starts)
    for index in {0, 1, len(starts) - 1}:
        alone = arrays(words(min(ROOM, count - starts[index]), starts[index]))
        assert found[f"{index}.tokens"].tolist() == alone["tokens"].tolist()
        numpy.testing.assert_array_equal(found[f"{index}.attentions"], alone["attentions"])


def test_each_window_names_the_text_it_came_from_row_55(arrays):
    found = arrays("hello", words(40), words(ROOM), words(100), "--stride", "5")
    assert found["text_index"].tolist() == [0, 1, 1, 2, 3, 3, 3, 3]
    assert {name for name in found if "." not in name} == {"layers", "heads", "metadata", "text_index"}
    assert found["4.input_ids"].shape == (LIMIT,) and found["7.input_ids"].shape == (27,)


def test_safetensors_has_the_text_of_each_window_too_row_55(attnscope, tiny_model, tmp_path):
    safetensors = pytest.importorskip("safetensors")
    out = tmp_path / "out.safetensors"
    result = attnscope("run", "-m", tiny_model, "hello", words(40), "--stride", "0", "-o", out)
    assert result.returncode == 0, result.stderr
    with safetensors.safe_open(str(out), "numpy") as file:
        assert file.get_tensor("text_index").tolist() == [0, 1, 1]


def test_one_text_that_fits_gives_the_arrays_of_a_run_without_stride_row_55(arrays):
    plain, cut = arrays(words(ROOM)), arrays(words(ROOM), "--stride", "4")
    assert set(cut) == set(plain)
    numpy.testing.assert_array_equal(cut["attentions"], plain["attentions"])


def test_json_keeps_the_text_and_counts_its_windows_row_55(attnscope, tiny_model):
    texts = ("hello", words(40), "hello")
    result = attnscope("run", "-m", tiny_model, *texts, "--stride", "3", "--json")
    assert result.returncode == 0, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(o["index"], o["text"], o["window"]) for o in found] == [(0, 0, 0), (1, 1, 0), (2, 1, 1), (3, 2, 0)]
    assert found[2]["tokens"][1:4] == found[1]["tokens"][-4:-1]
    assert "text" not in json.loads(attnscope("run", "-m", tiny_model, "hello", "--json").stdout)


def test_the_summary_names_text_and_window_row_55(attnscope, tiny_model):
    result = attnscope("run", "-m", tiny_model, "hello", words(40), "--stride", "3")
    titles = [line for line in result.stdout.splitlines() if line.startswith("text")]
    assert titles == ["text 0, window 0: 3 tokens", "text 1, window 0: 32 tokens", "text 1, window 1: 15 tokens"]


def test_windows_of_lines_are_numbered_over_all_batches_row_55(arrays, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text("".join(words(count) + "\n" for count in (0, 200, 31, 1)))
    found = arrays("-f", file, "--stride", "10")
    assert found["text_index"].tolist() == [0] + [1] * 10 + [2] * 2 + [3]
    assert f"{found['text_index'].size - 1}.attentions" in found


def test_truncate_and_stride_exclude_each_other_row_55(attnscope, tiny_model, tmp_path):
    result = attnscope("run", "-m", tiny_model, words(40), "--truncate", "--stride", "3", "-o", tmp_path / "out.npz")
    assert result.returncode == 2
    assert "--stride" in result.stderr and "--truncate" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("stride", ["-1", "x", "1e2", "1.5", "99999999999999999999"])
def test_a_stride_that_is_no_number_is_refused_row_55(attnscope, tiny_model, stride):
    result = attnscope("run", "-m", tiny_model, "hello", f"--stride={stride}")
    assert result.returncode == 2 and "--stride" in result.stderr


@pytest.mark.parametrize("stride", ["30", "31", "1000"])
def test_a_stride_that_leaves_no_room_is_refused_and_writes_nothing_row_55(attnscope, tiny_model, tmp_path, stride):
    result = attnscope("run", "-m", tiny_model, "hello", "--stride", stride, "-o", tmp_path / "out.npz")
    assert result.returncode == 2
    assert "error[TOK_TRUNC]" in result.stderr and "30 tokens" in result.stderr
    assert not list(tmp_path.iterdir())


def test_bad_utf8_names_the_line_with_a_stride_too_row_55(attnscope, tiny_model, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_bytes(b"hello\nab \x80\n")
    result = attnscope("run", "-m", tiny_model, "-f", file, "--stride", "3")
    assert result.returncode == 3
    assert "error[TEXT_UTF8]" in result.stderr and "line 2" in result.stderr
