# SPDX-License-Identifier: Apache-2.0
"""The other commands: tokenize, inspect, show, demo, completion, help and version."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import numpy
import pytest

COMMANDS = [
    "demo", "show", "run", "heads", "layers", "diff", "words", "export", "plot", "doctor", "tokenize", "bench",
    "inspect",
    "completion",
]  # fmt: skip


def output(result):
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def wheel(tiny_model):
    tokenizers = pytest.importorskip("tokenizers")
    return tokenizers.BertWordPieceTokenizer(str(tiny_model / "vocab.txt"), lowercase=True)


def expect_equal(found, reference):
    assert found["tokens"] == reference.tokens
    assert found["input_ids"] == reference.ids
    assert found["word_ids"] == reference.word_ids
    assert found["special_tokens_mask"] == reference.special_tokens_mask
    assert found["token_type_ids"] == reference.type_ids
    assert [tuple(offset) for offset in found["offsets"]] == reference.offsets  # the texts are ASCII


def test_tokenize_equals_the_wheel(attnscope, tiny_model, wheel):
    text = "Angela lives in Paris, friendly!"
    expect_equal(json.loads(output(attnscope("tokenize", text, "-m", tiny_model, "--json"))), wheel.encode(text))


def test_tokenize_takes_pairs_and_a_length(attnscope, tiny_model, wheel):
    wheel.enable_truncation(6)
    result = attnscope("tokenize", "hello world", "--pair", "angela lives", "--max-length", "6", "-m", tiny_model, "--json")
    found = json.loads(output(result))
    expect_equal(found, wheel.encode("hello world", "angela lives"))
    assert found["sequence_ids"] == [None, 0, None, 1, 1, None]


def test_tokenize_prints_a_table(attnscope, tiny_model):
    lines = output(attnscope("tokenize", "hello", "-m", tiny_model)).splitlines()
    assert lines[0].split() == ["index", "id", "bytes", "word", "token"]
    assert lines[2].split()[2:] == ["0..5", "0", "hello"]


def test_inspect_lists_every_module_path(attnscope, tiny_model):
    found = json.loads(output(attnscope("inspect", "-m", tiny_model, "--json")))
    assert found["model_type"] == "distilbert" and found["layers"] == 2 and found["heads"] == 4
    assert found["task"] == "token_classification"
    assert "distilbert.transformer.layer.1.attention.attn" in found["modules"]
    assert all(isinstance(path, str) for path in found["modules"])


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_inspect_states_the_precision(attnscope, tiny_model, precision):
    found = json.loads(output(attnscope("inspect", "-m", tiny_model, "--json", "--precision", precision)))
    assert found["precision"] == precision


@pytest.mark.parametrize(
    "command",
    [
        ["run"], ["show", "a text"], ["words", "a text"], ["export", "a text", "-o", "a.html"], ["doctor"], ["inspect"],
        ["demo"],
    ],
)  # fmt: skip
def test_every_command_that_opens_a_model_takes_the_precision(attnscope, command):
    result = attnscope(*command, "--precision", "fp8")
    assert result.returncode == 2 and "'fp8' is not one of: fp32, bf16" in result.stderr


def test_inspect_prints_a_tree(attnscope, tiny_model):
    text = output(attnscope("inspect", "-m", tiny_model))
    assert "2 layers x 4 heads" in text
    line = re.search(r"^ +q_lin: Linear(.*)$", text, re.M)[1]
    assert "weight [32, 32]" in line and "bias [32]" in line


def test_inspect_shows_one_module_or_the_nearest(attnscope, tiny_model):
    path = "transformer.layer.0.attention"
    assert "attention" in output(attnscope("inspect", path, "-m", tiny_model))
    result = attnscope("inspect", "transformer.layer.0.atention", "-m", tiny_model)
    assert result.returncode == 2 and "error[HOOK_PATH]" in result.stderr
    assert "transformer.layer.0.attention" in result.stderr


def test_show_draws_the_grid_the_mean_and_a_head(attnscope, tiny_model):
    text = "This is a simple example sentence."
    assert "2 layers (L) x 4 heads (H)" in output(attnscope("show", text, "-m", tiny_model))
    assert "layer 1, mean over 4 heads" in output(attnscope("show", text, "-m", tiny_model, "--mean"))
    head = output(attnscope("show", text, "-m", tiny_model, "--layer", "0", "--head", "3"))
    assert "layer 0, head 3" in head and "sentence" in head


def test_show_says_everything_in_json(attnscope, tiny_model):
    found = json.loads(output(attnscope("show", "hello world", "-m", tiny_model, "--layer", "1", "--head", "2", "--json")))
    assert found["view"] == "head" and found["layers"] == [1] and found["heads"] == [2]
    assert numpy.array(found["weights"]).shape == (4, 4)
    grid = json.loads(output(attnscope("show", "hello world", "-m", tiny_model, "--json")))
    assert numpy.array(grid["weights"]).shape == (2, 4, 4, 4)


@pytest.mark.parametrize(
    ("arguments", "environment", "escape"),
    [
        ([], {}, None),
        (["--color", "always"], {"COLORTERM": "truecolor"}, "\x1b[38;2;"),
        (["--color", "always"], {}, "\x1b[38;5;"),
        (["--color", "always", "--plain"], {}, None),
        (["--color", "never"], {"FORCE_COLOR": "3"}, None),
        ([], {"FORCE_COLOR": "3"}, "\x1b[38;2;"),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, None),
    ],
)
def test_colours_follow_flags_and_environment(attnscope, tiny_model, arguments, environment, escape):
    picture = output(attnscope("show", "hello world", "-m", tiny_model, "--layer", "0", *arguments, env=environment))
    if escape is None:
        assert "\x1b" not in picture
    else:
        assert escape in picture


@pytest.fixture(scope="session")
def demo_model(program):
    result = subprocess.run([program, "inspect", "--json"], capture_output=True, check=False)
    if result.returncode:
        pytest.skip("this build has no embedded model")
    return json.loads(result.stdout)


def test_demo_needs_nothing(attnscope, demo_model, tmp_path):
    text = output(attnscope("demo", cwd=tmp_path))
    layers, heads = demo_model["layers"], demo_model["heads"]
    for layer in range(layers):
        assert f"\nlayer {layer}: [1, {heads}, 9, 9]\n" in text
    with numpy.load(tmp_path / "attention.npz") as arrays:
        assert arrays["attentions"].shape == (layers, heads, 9, 9)
    assert "attnscope run -m" in text
    if demo_model["labels"]:
        assert "Entities in" in text
    last = text.splitlines()[-1]
    assert last == 'Open report.html in a browser: the words view of "John Smith works for Google in New York."'
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert page.count('"title":') == 2 and "This is a simple example sentence." in page


def test_demo_writes_into_a_folder(attnscope, tiny_model, tmp_path):
    text = output(attnscope("demo", "-m", tiny_model, "-o", tmp_path))
    assert (tmp_path / "attention.npz").exists() and "Entities in" in text
    assert (tmp_path / "report.html").exists() and f"Open {tmp_path / 'report.html'} in a browser" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command_and_option(attnscope, shell):
    script = output(attnscope("completion", shell))
    for command in COMMANDS:
        assert command in script
        for option in re.findall(r"--([a-z0-9-]+)", output(attnscope(command, "--help")).split("Usage:")[1]):
            assert option in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, encoding="utf-8", check=True)


def test_bash_completes_commands_and_options(attnscope):
    script = output(attnscope("completion", "bash"))
    ask = 'COMP_WORDS=(attnscope {}); COMP_CWORD={}; _attnscope; echo "${{COMPREPLY[@]}}"'
    commands = subprocess.run(["bash", "-c", script + ask.format("in", 1)], capture_output=True, text=True, check=True)
    assert commands.stdout.split() == ["inspect"]
    options = subprocess.run(
        ["bash", "-c", script + ask.format("run --la", 2)], capture_output=True, text=True, check=True
    )
    assert options.stdout.split() == ["--layers"]


@pytest.mark.parametrize("command", [[], *[[command] for command in COMMANDS]])
def test_help_starts_with_examples_that_are_commands(attnscope, command):
    text = output(attnscope(*command, "--help"))
    assert text.startswith("Examples:\n  ")
    examples = re.findall(r"^  .*attnscope ([a-z]+)", text.split("\n\n")[0], re.M)
    assert examples and set(examples) <= set(COMMANDS)


def test_an_unknown_shell_is_refused(attnscope):
    result = attnscope("completion", "tcsh")
    assert result.returncode == 2 and "bash, zsh, fish" in result.stderr


def test_version_names_the_version_of_the_header(attnscope):
    header = (pathlib.Path(__file__).parents[2] / "include" / "attnscope" / "version.h").read_text()
    numbers = [re.search(rf"VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH")]
    assert output(attnscope("--version")).startswith("attnscope " + ".".join(numbers))


def test_help_comes_at_once(attnscope):
    before = os.times()
    output(attnscope("--help"))
    after = os.times()
    assert after.children_user - before.children_user < 0.5
