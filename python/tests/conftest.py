# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the package's tests: model directories written by transformers, the same models loaded by both."""

import importlib.util
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

attnscope = pytest.importorskip("attnscope", reason="the package attnscope is not installed")

from package_models import VOCABULARY, write_tokenizer


@pytest.fixture(autouse=True)
def torch_as_it_starts():
    """The oracle's own tests switch gradients off for the whole session."""
    if importlib.util.find_spec("torch") is None:
        yield
        return
    import torch

    with torch.enable_grad():
        yield


class Twins:
    """One model directory, opened by transformers (eager) and by attnscope."""

    def __init__(self, folder, class_name):
        import transformers

        kind = getattr(transformers, class_name)
        self.folder = folder
        self.class_name = class_name
        self.theirs = kind.from_pretrained(folder, attn_implementation="eager").eval()
        self.ours = getattr(attnscope, class_name).from_pretrained(folder)


@pytest.fixture(scope="session")
def twins(tmp_path_factory):
    """twins(family, task, **sizes): a model with random weights in every tensor; made once a session."""
    oracle_models = pytest.importorskip("oracle_models", reason="transformers, the oracle, is not installed")
    made = {}

    def make(family, task="none", **sizes):
        key = (family, task, *sorted(sizes.items()))
        if key not in made:
            folder = tmp_path_factory.mktemp(f"{family}-{task}")
            # Large enough that attention is far from uniform.
            options = {
                "vocab": len(VOCABULARY),
                "initializer_range": 0.3,
                "layers": 3,
                "heads": 4,
                "labels": 2 if task == "question_answering" else 3,
                **sizes,
            }
            model = oracle_models.make_model(family, task, **options)
            model.save_pretrained(folder)
            write_tokenizer(folder, f"{family}Tokenizer")
            made[key] = Twins(folder, type(model).__name__)
        return made[key]

    return make


@pytest.fixture(scope="session")
def demo():
    """The embedded named-entity model."""
    return attnscope.AutoModelForTokenClassification.from_pretrained("builtin:demo")
