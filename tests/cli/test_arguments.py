# SPDX-License-Identifier: Apache-2.0
"""docs/bad_inputs.md rows 60 to 64: what may stand on the command line."""

import json
import shutil

import pytest

TEXT = "This is a simple example sentence."


def failed(result, code):
    assert result.returncode == code, result.stderr
    assert result.stderr.startswith("attnscope: error["), result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [(["show", "x", "--laeyr", "1"], "--layer"), (["rnu", "x"], "run"), (["run", "x", "--jsno"], "--json"),
     (["run", "x", "--ouptut=a.npz"], "--output")],
)
def test_unknown_words_get_a_suggestion_and_the_usage(attnscope, arguments, suggestion):
    message = failed(attnscope(*arguments), 2)
    assert f"did you mean '{suggestion}'?" in message
    assert "\nusage: attnscope" in message


def test_an_unknown_word_far_from_everything_gets_no_suggestion(attnscope):
    assert "did you mean" not in failed(attnscope("frobnicate"), 2)


def test_no_command_is_a_usage_error(attnscope):
    assert "no command" in failed(attnscope(), 2)


@pytest.mark.parametrize("layer", ["2", "-1", "all,3", "1e3", "99999999999999999999", ""])
def test_layers_outside_of_the_model_name_the_range(attnscope, tiny_model, layer):
    for arguments in (["show", TEXT, "--layer", layer or "x"], ["run", TEXT, "--layers", layer or ","]):
        assert "0..1" in failed(attnscope(*arguments, "-m", tiny_model), 2)


def test_heads_outside_of_the_model_name_the_range(attnscope, tiny_model):
    assert "0..3" in failed(attnscope("run", TEXT, "-m", tiny_model, "--heads", "4"), 2)


@pytest.mark.parametrize("threads", ["0", "-4", "1000000", "two", "1e2", "257"])
def test_threads_outside_of_the_range_are_refused(attnscope, threads):
    assert "1..256" in failed(attnscope("run", TEXT, "--threads", threads), 2)


@pytest.mark.parametrize(
    ("option", "word", "accepted"),
    [("--precision", "f8", "fp32, bf16"), ("--precision", "BF16", "fp32, bf16"), ("--reduce", "median", "none, mean, max"),
     ("--utf8", "guess", "refuse, replace")],
)
def test_words_that_an_option_does_not_know_get_the_list(attnscope, tiny_model, option, word, accepted):
    assert accepted in failed(attnscope("run", TEXT, "-m", tiny_model, option, word), 2)


@pytest.mark.parametrize(
    "arguments",
    [["--head", "1"], ["--mean", "--layer", "0", "--head", "1"], ["--grid", "--layer", "0"], ["--color", "maybe"]],
)
def test_views_that_contradict_themselves_are_refused(attnscope, arguments):
    failed(attnscope("show", TEXT, *arguments), 2)


def test_binary_output_to_stdout_is_refused(attnscope):
    assert "standard output" in failed(attnscope("run", TEXT, "-o", "-"), 2)


def test_the_input_is_not_overwritten(attnscope, tiny_model, tmp_path):
    texts = tmp_path / "texts.npz"
    texts.write_text("hello\n")
    assert "read from" in failed(attnscope("run", "-m", tiny_model, "-f", texts, "-o", texts), 2)
    assert texts.read_text() == "hello\n"


def test_the_model_is_not_overwritten(attnscope, tiny_model, tmp_path):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    weights = model / "model.safetensors"
    before = weights.read_bytes()
    assert "of the model" in failed(attnscope("run", TEXT, "-m", model, "-o", weights), 2)
    assert weights.read_bytes() == before


def test_output_inside_of_the_hub_cache_is_refused(attnscope, tmp_path):
    (tmp_path / "hub").mkdir()
    result = attnscope("run", TEXT, "-o", tmp_path / "hub" / "a.npz", env={"HF_HOME": str(tmp_path)})
    assert "hub cache" in failed(result, 2)


@pytest.mark.parametrize(
    "text", ["-starts with a dash", "--json", "[CLS]", "[a,b]", "++", "show", "run", "two\nlines", "", "a=b", "-1", "{}"]
)
def test_every_text_after_two_dashes_arrives_byte_for_byte(attnscope, tiny_model, text):
    result = attnscope("tokenize", "-m", tiny_model, "--json", "--", text)
    from_file = attnscope("tokenize", "-m", tiny_model, "--json", "--", text + " ")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["tokens"] == json.loads(from_file.stdout)["tokens"]


def test_texts_that_look_like_lists_or_commands_need_no_dashes(attnscope, tiny_model):
    result = attnscope("tokenize", "-m", tiny_model, "--json", "[hello,world]", "show", "++")
    tokens = [json.loads(line)["tokens"][1:-1] for line in result.stdout.splitlines()]
    assert tokens[0] == ["[UNK]", "hello", "[UNK]", "world", "[UNK]"]
    assert len(tokens) == 3


def test_a_text_that_starts_with_a_dash_gets_the_hint(attnscope):
    assert "put -- before" in failed(attnscope("tokenize", "-Xyz"), 2)


def test_long_arguments_work(attnscope, tiny_model):
    result = attnscope("tokenize", "-m", tiny_model, "--json", "hello " * 20_000)
    assert len(json.loads(result.stdout)["tokens"]) == 20_002


def test_a_text_of_one_mebibyte_on_stdin_works(attnscope, tiny_model):
    result = attnscope("tokenize", "-m", tiny_model, "--json", input="hello " * 174_763)
    assert len(json.loads(result.stdout)["tokens"]) == 174_765


def test_control_characters_are_escaped_in_messages(attnscope):
    message = failed(attnscope("run", TEXT, "-o", "\x1b[31mred"), 2)
    assert "\x1b" not in message and "\\x1B[31mred" in message


def test_invalid_utf8_arguments_are_located_and_escaped(attnscope, tiny_model):
    result = attnscope("tokenize", "-m", tiny_model, b"hello \xff world", text=False)
    assert result.returncode == 3
    assert b"error[TEXT_UTF8]" in result.stderr and b"byte 6" in result.stderr
    assert b"\xff" not in result.stderr


def test_errors_are_json_with_json(attnscope):
    result = attnscope("run", TEXT, "--json", "--threads", "0")
    error = json.loads(result.stderr)["error"]
    assert result.returncode == 2
    assert set(error) == {"code", "message", "file", "offset", "field"}
    assert error["field"] == "--threads" and "1..256" in error["message"]


def test_a_model_that_is_not_there_is_named(attnscope, tmp_path):
    result = attnscope("inspect", "-m", tmp_path / "none", "--json")
    assert result.returncode in (3, 4, 5)
    assert "none" in json.loads(result.stderr)["error"]["message"]
