# SPDX-License-Identifier: Apache-2.0
"""Runs the programs under test and reads what they write."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / os.environ.get("ATTNSCOPE_BUILD_DIR", "build/release")
SHARED = Path(os.environ.get("ATTNSCOPE_SHARED", REPOSITORY.parent / "shared"))

# "input_ids", and where wanted "token_type_ids" and "position_ids", to lists of numbers; "inputs_embeds" to rows;
# "num_unattended" and "pooled_token" to numbers
Text = dict


def program(name):
    """Path of a built program; skips the test if it is not built."""
    path = BUILD / name
    if not path.exists():
        pytest.skip(f"{name} is not built in {BUILD} (set ATTNSCOPE_BUILD_DIR)")
    return path


def shared(name):
    """Path of a file or folder of the shared data; skips the test if it is not there."""
    path = SHARED / "data" / name
    if not path.exists():
        pytest.skip(f"shared data {name} is not there (set ATTNSCOPE_SHARED)")
    return path


def call(*arguments):
    """Standard output of a program that has to end well."""
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.strip()}"
    return done.stdout


def by_text(arrays, count):
    """{"3.logits": a} as a list of {"logits": a}, one a text."""
    texts = [{} for _ in range(count)]
    for name, array in arrays.items():
        index, part = name.split(".", 1)
        texts[int(index)][part] = array
    return texts


def write_texts(path, texts):
    tensors = {
        f"{index}.{name}": np.array(values, ndmin=1, dtype=np.float32 if name == "inputs_embeds" else np.int64)
        for index, text in enumerate(texts)
        for name, values in text.items()
    }
    save_file(tensors, path)


def run_probe(model, texts, *options):
    """Results of every text: attentions, hidden_states, last_hidden_state, logits, pooler_output where there."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, output = Path(folder, "in.safetensors"), Path(folder, "out.safetensors")
        write_texts(inputs, texts)
        # One thread unless the test says otherwise: tiny models gain nothing from more, and machines are shared.
        threads = () if "--threads" in options else ("--threads", 1)
        call(program("tests/oracle/model_probe"), model, inputs, output, *threads, *options)
        return by_text(load_file(output), len(texts))


def run_scripts(model, texts, scripts):
    """Plays hook scripts. Returns {script name: lines of its log} and {array name: array}."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, output, script = (Path(folder, name) for name in ("in.safetensors", "out.safetensors", "s.json"))
        write_texts(inputs, texts)
        script.write_text(json.dumps(scripts))
        printed = call(program("tests/oracle/model_probe"), model, inputs, output, "--threads", 1,
                       "--script", script)
        logs = {}
        for line in map(json.loads, printed.splitlines()):
            if "script" in line:
                log = logs.setdefault(line["script"], [])
            else:
                log.append(line)
        return logs, load_file(output)


def list_modules(model):
    """[(path, type)] in the program's order."""
    lines = call(program("tests/oracle/model_probe"), model, "--modules").splitlines()
    return [tuple(line.split("\t")) for line in lines]
