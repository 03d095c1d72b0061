# SPDX-License-Identifier: Apache-2.0
"""docs/bad_inputs.md rows 51, 55 and 58: texts from files and from standard input."""

import json

import numpy
import pytest


def encodings(result):
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("bad", [b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_invalid_utf8_names_line_and_byte(attnscope, tiny_model, tmp_path, bad):
    file = tmp_path / "texts.txt"
    file.write_bytes(b"hello\nab " + bad + b"\n")
    result = attnscope("tokenize", "-m", tiny_model, "-f", file, "--json", text=False)
    assert result.returncode == 3
    error = json.loads(result.stderr)["error"]
    assert error["code"] == "TEXT_UTF8"
    assert error["file"] == str(file) and error["offset"] == 3
    assert "line 2" in error["message"] and "byte 3" in error["message"]


def test_invalid_utf8_can_be_replaced(attnscope, tiny_model, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_bytes(b"hello \x80 world\n")
    (encoding,) = encodings(attnscope("tokenize", "-m", tiny_model, "-f", file, "--json", "--utf8", "replace"))
    assert encoding["tokens"] == ["[CLS]", "hello", "world", "[SEP]"]


def test_a_text_that_is_too_long_names_count_limit_and_line(attnscope, tiny_model, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text("hello\n" + "hello " * 40 + "\n")
    out = tmp_path / "out.npz"
    result = attnscope("run", "-m", tiny_model, "-f", file, "-o", out)
    assert result.returncode == 3
    assert "error[TEXT_TOO_LONG]" in result.stderr and "line 2" in result.stderr
    assert "42 tokens" in result.stderr and "32" in result.stderr
    assert list(tmp_path.iterdir()) == [file]


def test_truncation_is_explicit(attnscope, tiny_model, tmp_path):
    out = tmp_path / "out.npz"
    result = attnscope("run", "-m", tiny_model, "hello " * 40, "--truncate", "-o", out)
    assert result.returncode == 0, result.stderr
    with numpy.load(out) as arrays:
        assert arrays["input_ids"].shape == (32,)
        assert arrays["tokens"][-1] == "[SEP]"


@pytest.mark.parametrize(
    ("content", "lines"),
    [(b"hello\nworld\n", 2), (b"hello\nworld", 2), (b"hello\r\nworld\r\n", 2), (b"hello\rworld", 1),
     ("hello\u2028world".encode(), 1), (b"\n\nhello", 3), (b"\n", 1), (b"", 0)],
)
def test_lines_end_at_newlines_only(attnscope, tiny_model, tmp_path, content, lines):
    file = tmp_path / "texts.txt"
    file.write_bytes(content)
    assert len(encodings(attnscope("tokenize", "-m", tiny_model, "-f", file, "--json"))) == lines


def test_an_empty_line_is_an_empty_text(attnscope, tiny_model):
    first, second = encodings(attnscope("tokenize", "-m", tiny_model, "--json", input="\nhello\n"))
    assert first["tokens"] == ["[CLS]", "[SEP]"]
    assert second["tokens"] == ["[CLS]", "hello", "[SEP]"]


def test_a_dash_is_standard_input(attnscope, tiny_model):
    assert len(encodings(attnscope("tokenize", "-m", tiny_model, "-f", "-", "--json", input="hello\nworld"))) == 2


def test_many_lines_take_constant_memory(attnscope, tiny_model, tmp_path):
    resource = pytest.importorskip("resource")
    file = tmp_path / "texts.txt"
    file.write_bytes(b"hello world\n" * 300_000)
    small = tmp_path / "small.txt"
    small.write_bytes(b"hello world\n")

    def peak(path):
        limit = 2 << 30
        return attnscope(
            "tokenize", "-m", tiny_model, "-f", path, "--json", text=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )

    assert peak(small).returncode == 0
    assert peak(file).stdout.count(b"\n") == 300_000


def test_a_line_longer_than_the_buffer_stays_whole(attnscope, tiny_model):
    (encoding,) = encodings(attnscope("tokenize", "-m", tiny_model, "--json", input="hello " * 30_000 + "world"))
    assert len(encoding["tokens"]) == 30_003 and encoding["tokens"][-2] == "world"


def test_a_folder_or_a_missing_file_of_texts_is_refused(attnscope, tiny_model, tmp_path):
    for file in (tmp_path, tmp_path / "none"):
        result = attnscope("run", "-m", tiny_model, "-f", file)
        assert result.returncode == 3
        assert "error[TEXT_FILE]" in result.stderr and str(file) in result.stderr


def test_a_file_without_a_text_is_refused_by_run(attnscope, tiny_model, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_bytes(b"")
    assert attnscope("run", "-m", tiny_model, "-f", file).returncode == 2


def test_a_file_and_texts_exclude_each_other(attnscope, tmp_path):
    assert attnscope("run", "hello", "-f", tmp_path / "texts.txt").returncode == 2
