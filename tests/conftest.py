# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the Python tests: the built programs and a tiny model."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[1]
BUILD = ROOT / os.environ.get("ATTNSCOPE_BUILD_DIR", "build/release")

WORDS = "this is a simple example sentence . angela lives in paris and works there hello world !".split()
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"bcdefghijklmnopqrstuvwxyz", "##s", "##ly"]


def built(path):
    program = BUILD / path
    if not program.exists():
        pytest.skip(f"{program} is not built")
    return program


@pytest.fixture(scope="session")
def probe():
    return built("tests/outputs/outputs_probe")


@pytest.fixture(scope="session")
def program():
    return built("cli/attnscope")


@pytest.fixture
def attnscope(program):
    """Runs the command line; texts and bytes alike as arguments; without colours unless `env` says so."""

    def run(*arguments, env=None, text=True, **options):
        base = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLORTERM")}
        options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
        if options["stdin"] is None:
            del options["stdin"]
        options.setdefault("capture_output", True)
        options.setdefault("timeout", 120)
        if text:
            options.update(encoding="utf-8", errors="surrogateescape")
        command = [os.fspath(program), *(os.fspath(argument) for argument in arguments)]
        return subprocess.run(command, env={**base, **(env or {})}, check=False, **options)

    return run


def write_tokenizer(folder):
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true, "tokenizer_class": "DistilBertTokenizer"}')


@pytest.fixture(scope="session")
def save_model():
    """save_model(folder, class_name, **config): random weights, 2 layers, 4 heads, hidden size 32, 32 positions."""
    torch = pytest.importorskip("torch", reason="writing a model needs torch")
    transformers = pytest.importorskip("transformers", reason="writing a model needs transformers")

    def save(folder, class_name, **config):
        sizes = (
            {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
            if class_name.startswith("Bert")
            else {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 4}
        )
        kind = getattr(transformers, class_name)
        torch.manual_seed(0)
        settings = {"vocab_size": len(VOCABULARY), "max_position_embeddings": 32, **sizes, **config}
        kind(kind.config_class(**settings)).save_pretrained(folder)
        write_tokenizer(folder)
        return folder

    return save


@pytest.fixture(scope="session")
def tiny_model(save_model, tmp_path_factory):
    """A DistilBERT that labels tokens."""
    folder = tmp_path_factory.mktemp("tiny_model")
    return save_model(folder, "DistilBertForTokenClassification", initializer_range=0.5, num_labels=3)
