# SPDX-License-Identifier: Apache-2.0
"""What all models share: loading, the call, the planner, and what users of transformers ask a model for."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from . import _core, model_outputs
from .arrays import like, loaded_torch
from .attend import AttentionResult, AttentionResults, AttentionStream, attend
from .configuration import PreTrainedConfig
from .conventions import CallValues
from .errors import usage_error
from .hooks import Entry, HookRegistry, call_forward_hook, call_pre_hook
from .inputs import ModelInputs, model_inputs
from .loading import config_overrides, take_precision
from .losses import loss_of
from .model_outputs import ModelOutput
from .modules import Module, grow
from .notices import warn
from .runtime import on_main_thread
from .sources import source_name
from .tokenization import AutoTokenizer

_IDS = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds")


class PreTrainedModel(Module):
    """A loaded model. Immutable but for its hooks; any number of threads may call it.

    Example:
        model = DistilBertModel.from_pretrained("distilbert-base-uncased")
        outputs = model(**tokenizer("Hello", return_tensors="pt"), output_attentions=True)
        outputs.attentions[1]  # [1, 12, 4, 4]
    """

    config: PreTrainedConfig
    config_class: ClassVar[type[PreTrainedConfig]]
    task: ClassVar[str] = "none"
    base_model_prefix: ClassVar[str] = ""
    main_input_name: ClassVar[str] = "input_ids"
    # Arguments of forward() by position, as the class of transformers has them.
    positional: ClassVar[tuple[str, ...]] = ("input_ids", "attention_mask")
    output_class: ClassVar[type[ModelOutput]] = model_outputs.BaseModelOutput
    reads_first_token: ClassVar[bool] = False
    has_token_types: ClassVar[bool] = False
    label_names: ClassVar[tuple[str, ...]] = ()

    _info: dict[str, Any]
    _nodes: dict[str, Module]
    _tokenizer: Any

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(f"{type(self).__name__} is not made from a config: call {type(self).__name__}.from_pretrained")

    @classmethod
    def from_pretrained(cls, source: Any = "builtin:demo", **options: Any) -> PreTrainedModel:
        """Opens a directory, `builtin:demo`, or a hub id in the local cache.

        Options: check_finite refuses weights that are NaN or infinite; output_attentions, output_hidden_states,
            return_dict, id2label, label2id change the config. precision="bf16" computes the matrix products of the
            layers on numbers rounded to bf16, sums and results stay float32; dtype="bfloat16" says the same. What
            transformers takes beside them is taken where it means the same here (dtype float32, device_map cpu, any
            attn_implementation) and refused where not.
        Raises:  StorageError or HubError (both OSError), CheckpointError, UnsupportedModel, UsageError.
        """
        name = source_name(source)
        check_finite = bool(options.pop("check_finite", False))
        precision = take_precision(options)
        config = cls.config_class.from_pretrained(name, **config_overrides(options))
        return cls._of(_core.Session.load(os.fsencode(name), cls.task, check_finite, precision), config)

    @classmethod
    def _of(cls, session: _core.Session, config: PreTrainedConfig) -> PreTrainedModel:
        model = cls.__new__(cls)
        model.config = config
        model.type_name = cls.__name__
        model._info = session.info()
        model._tokenizer = None
        model._nodes = grow(model, session, HookRegistry(session))
        warn(f"{model._info['source']}: {notice}" for notice in model._info["notices"])
        return model

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """forward(), and the hooks of the model itself."""
        if not self._registry.has_root_hooks:
            return self.forward(*args, **kwargs)
        return self._call_with_hooks(args, kwargs)

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result: Any = None
        called: list[Entry] = []
        try:
            for entry in self._registry.of_root(before=True):
                args, kwargs = call_pre_hook(entry, self, (args, kwargs))
            result = self.forward(*args, **kwargs)
            for entry in self._registry.of_root(before=False):
                called.append(entry)
                changed = call_forward_hook(entry, self, (args, kwargs), result, failed=False)
                result = result if changed is None else changed
        except Exception:
            for entry in self._registry.of_root(before=False):
                if entry.always_call and not any(entry is other for other in called):
                    call_forward_hook(entry, self, (args, kwargs), result, failed=True)
            raise
        return result

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the model on padded ids.

        Arguments: input_ids or inputs_embeds, attention_mask (1 = attend; padding may stand anywhere),
            token_type_ids, position_ids, labels (adds a loss), output_attentions, output_hidden_states, return_dict.
        Returns: as the transformers class of this name, fields that were not asked for None. Padded rows and
            columns are 0. torch tensors if one was given, else numpy arrays (read-only).
        Raises:  UsageError, TextError, and what a hook raises.
        """
        given = self._named(args, kwargs)
        inputs = model_inputs(**{name: given.pop(name, None) for name in _IDS})
        flags = self._flags(given)
        labels = {name: given.pop(name) for name in self.label_names if name in given}
        labels = {name: value for name, value in labels.items() if value is not None}
        if given:
            raise TypeError(f"{type(self).__name__}.forward() got an unexpected argument '{next(iter(given))}'")
        results = self._run(inputs, flags)
        output = self._output(results, labels, inputs, flags)
        return output if flags["return_dict"] else output.to_tuple()

    def _named(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        names = self.positional[: len(args)]
        if len(names) < len(args):
            raise TypeError(
                f"{type(self).__name__} takes {len(self.positional)} positional arguments: {self.positional}"
            )
        twice = set(names) & kwargs.keys()
        if twice:
            raise TypeError(f"{type(self).__name__} got two values for '{twice.pop()}'")
        return {**dict(zip(names, args, strict=True)), **kwargs}

    def _flags(self, given: dict[str, Any]) -> dict[str, Any]:
        flags = {}
        for name in ("output_attentions", "output_hidden_states", "return_dict"):
            value = given.pop(name, None)
            flags[name] = getattr(self.config, name) if value is None else value
        return flags

    def _run(self, inputs: ModelInputs, flags: dict[str, Any]) -> dict[str, Any]:
        arrays = inputs[:-1] if self.has_token_types else (*inputs[:2], None, *inputs[3:-1])
        engine_flags = {
            "attentions": bool(flags["output_attentions"]),
            "hidden_states": flags["output_hidden_states"] not in (None, False),
            "pooled": self.reads_first_token, "torch": inputs.torch, "main_thread": on_main_thread(),
        }  # fmt: skip
        with self._registry.firing(self._nodes, lambda: self._call_values(inputs)) as fire:
            results = self._session.forward(*arrays, engine_flags, fire)
        warn(results.pop("notices"))
        return results

    def _call_values(self, inputs: ModelInputs) -> CallValues:
        arrays = {
            name: None if (array := getattr(inputs, name)) is None else like(array, inputs.torch) for name in _IDS
        }
        return CallValues(**arrays, torch=inputs.torch, model=type(self).__name__)

    def _output(
        self, results: dict[str, Any], labels: dict[str, Any], inputs: ModelInputs, flags: dict[str, Any]
    ) -> ModelOutput:
        for name in ("hidden_states", "attentions"):
            if name in results:
                results[name] = tuple(results[name])
        if flags["output_attentions"] and "cross_attentions" in self.output_class.FIELDS:
            results["cross_attentions"] = ()  # there are none, and that is what transformers says
        self._select_hidden_states(results, flags["output_hidden_states"])
        if labels:
            results["loss"] = like(loss_of(self.task, self.config, results["logits"], labels), inputs.torch)
        return self.output_class(**results)

    @staticmethod
    def _select_hidden_states(results: dict[str, Any], selection: Any) -> None:
        """output_hidden_states=[0, -1] keeps those two; the others become None, as in transformers."""
        if isinstance(selection, bool) or "hidden_states" not in results:
            return
        states = results["hidden_states"]
        numbers = [selection] if isinstance(selection, int) else list(selection)
        chosen = {number % len(states) for number in numbers if -len(states) <= number < len(states)}
        results["hidden_states"] = tuple(state if i in chosen else None for i, state in enumerate(states))

    # ---- the planner

    def attend(
        self,
        texts: str | Iterable[Any],
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        reduce: str = "none",
        rows: int | str | Iterable[int] | None = None,
        stats: str | Iterable[str] | None = None,
        weights: bool | None = None,
        on_demand: bool = False,
        dtype: Any = None,
        truncation: bool = False,
        batch_tokens: int = 4096,
        progress: bool | None = None,
    ) -> AttentionResult | AttentionResults | AttentionStream:
        """Attention of the layers and heads that are asked for; nothing after the last of them is computed.

        texts: one text gives one result, a list a list of results, any other iterable a stream that is read as it
            is consumed, in constant memory. A text is a str or a pair (tuple) of them.
        layers, heads: numbers from 0, negative ones from the end; None: all, in this order.
        reduce: "none", "mean" or "max" of the weights over the heads.
        rows: query rows of weights and stats: positions in each text, negative ones from its end; "cls" is 0.
        stats: names of numbers a row to store in place of the weights: "entropy" (nats), "max", "distance" (tokens),
            "self", "previous", "next", "cls", "sep", "punctuation"; "received" (a number a key); "top5" (the 5
            largest weights and their keys, or another number); "all": all but the last.
        weights: store the weights; None: unless stats or on_demand are given.
        on_demand: keep queries and keys, from which result.weights(layer, head) makes weights when it is called.
        dtype: of the weights that are returned: "float32" (what is computed, the default), "float16", "float64".
        truncation: cut texts that are longer than the model takes; otherwise they are an error that names them.
        batch_tokens: texts are run together up to so many tokens.
        progress: show a progress bar on stderr; None: for lists and streams if stderr is a terminal.

        Example: model.attend("Angela lives in Paris", layers=[3], reduce="mean").attentions  # [1, 7, 7]
        """
        return attend(
            self, texts, layers=layers, heads=heads, reduce=reduce, rows=rows, stats=stats, weights=weights,
            on_demand=on_demand, dtype=dtype, truncation=truncation, batch_tokens=batch_tokens, progress=progress,
        )  # fmt: skip

    @property
    def tokenizer(self) -> Any:
        """The tokenizer that lies beside the weights."""
        if self._tokenizer is None:
            self._tokenizer = AutoTokenizer.from_pretrained(self.name_or_path)
        return self._tokenizer

    # ---- what transformers users ask for

    @property
    def name_or_path(self) -> str:
        return self._info["source"]

    @property
    def base_model(self) -> Module:
        """The encoder below the task head; the model itself where there is none."""
        return self._children.get(self.base_model_prefix, self)

    @property
    def device(self) -> Any:
        torch = loaded_torch()
        return "cpu" if torch is None else torch.device("cpu")

    @property
    def precision(self) -> str:
        """Of the layers' matrix products: "fp32" or "bf16"."""
        return self._info["precision"]

    @property
    def dtype(self) -> Any:
        """Of weights and results, whatever the precision of the products."""
        torch = loaded_torch()
        return np.dtype(np.float32) if torch is None else torch.float32

    def num_parameters(self) -> int:
        return self._info["num_parameters"]

    def get_input_embeddings(self) -> Module:
        return self.base_model.get_submodule("embeddings.word_embeddings")

    def can_generate(self) -> bool:
        return False

    def cpu(self) -> PreTrainedModel:
        return self

    def float(self) -> PreTrainedModel:
        return self

    def to(self, *targets: Any, **named: Any) -> PreTrainedModel:
        """Takes what leaves the model where and what it is: the CPU, float32.

        Raises: UsageError for anything else.
        """
        for target in (*targets, *named.values()):
            if str(target) not in ("cpu", "cpu:0", "torch.float32", "float32", "None", "True", "False"):
                raise usage_error("DEVICE", "to", f"{target}, expected cpu and float32", "leave the model where it is")
        return self

    def __copy__(self) -> PreTrainedModel:
        """Shares the weights, which never change; starts without hooks."""
        return self._of(self._session.copy(), copy.copy(self.config))

    def __deepcopy__(self, memo: dict[int, Any]) -> PreTrainedModel:
        return self.__copy__()
