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
    "errors": (
        "AttnscopeError", "CheckpointError", "FormatError", "HookError", "HubError", "LimitError", "StorageError",
        "TextError", "UnsupportedModel", "UsageError",
    ),
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
}  # fmt: skip
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    """Imports what is used when it is used: `import attnscope` itself takes a millisecond."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'attnscope' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
