# SPDX-License-Identifier: Apache-2.0
"""See what BERT-line models look at: attention weights, hooks and a planner, fast on the CPU.

    from attnscope import DistilBertModel, DistilBertTokenizer

takes the place of the same line with `transformers`; attention weights are always there.
"""

from __future__ import annotations

import importlib

# Where each public name stands; __init__.pyi says the same to type checkers.
_HOMES = {
    "attend": ("AttentionResult", "AttentionResults", "AttentionStream"),
    "batch_encoding": ("BatchEncoding",),
    "configuration": ("AutoConfig", "BertConfig", "DistilBertConfig", "PreTrainedConfig"),
    "drop_in": ("head_view", "model_view"),
    "errors": (
        "AttnscopeError", "CheckpointError", "FormatError", "HookError", "HubError", "LimitError", "StorageError",
        "TextError", "UnsupportedModel", "UsageError",
    ),
    "figure": ("Figure",),
    "interop": ("from_transformers",),
    "model_outputs": ("ModelOutput",),
    "modeling": (
        "AutoModel", "AutoModelForMaskedLM", "AutoModelForQuestionAnswering", "AutoModelForSequenceClassification",
        "AutoModelForTokenClassification", "BertForMaskedLM", "BertForQuestionAnswering",
        "BertForSequenceClassification", "BertForTokenClassification", "BertModel", "DistilBertForMaskedLM",
        "DistilBertForQuestionAnswering", "DistilBertForSequenceClassification", "DistilBertForTokenClassification",
        "DistilBertModel",
    ),
    "modules": ("Module", "ModuleList", "RemovableHandle"),
    "pretrained_model": ("PreTrainedModel",),
    "runtime": ("__version__", "get_num_threads", "set_num_threads", "version_string"),
    "tokenization": (
        "AutoTokenizer", "BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast",
    ),
    "viewer": ("View", "view"),
}  # fmt: skip


def _lazy_names(package: str, homes: dict[str, tuple[str, ...]], namespace: dict[str, object]) -> tuple:
    """__getattr__, __dir__ and __all__ of a package that imports what is used when it is used: `import attnscope`
    itself takes a millisecond."""
    home_of = {name: module for module, names in homes.items() for name in names}

    def find(name: str) -> object:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        value = getattr(importlib.import_module(f"{package}.{home}"), name)
        namespace[name] = value
        return value

    public = sorted(home_of)
    return find, lambda: sorted({*namespace, *public}), public


__getattr__, __dir__, __all__ = _lazy_names(__name__, _HOMES, globals())
