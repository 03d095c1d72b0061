# SPDX-License-Identifier: Apache-2.0
"""The module list is Hugging Face's, less dropout, plus the `attn` leaf at the end of every attention module."""

import pytest
from oracle_models import FAMILIES, TASKS, make_model
from oracle_probe import list_modules

ATTENTION_TYPES = {"DistilBertSelfAttention", "BertSelfAttention"}


def expected_modules(model):
    """Hugging Face's named_modules(); a leaf `attn` follows the last descendant of an attention module."""
    modules = []
    open_attention = None
    for path, module in model.named_modules():
        if open_attention is not None and not path.startswith(open_attention + "."):
            modules.append((open_attention + ".attn", "Attention"))
            open_attention = None
        if type(module).__name__ in ATTENTION_TYPES:
            open_attention = path
        if type(module).__name__ != "Dropout":
            modules.append((path, type(module).__name__))
    return modules


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_modules_are_those_of_hugging_face_in_its_order(family, task, tmp_path):
    model = make_model(family, task, layers=2)
    model.save_pretrained(tmp_path)
    assert list_modules(tmp_path) == expected_modules(model)


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "relu", "silu",
                                        "quick_gelu"])
@pytest.mark.parametrize("family", FAMILIES)
def test_activation_modules_have_hugging_faces_type(family, activation, tmp_path):
    model = make_model(family, layers=1, activation=activation)
    model.save_pretrained(tmp_path)
    assert list_modules(tmp_path) == expected_modules(model)
