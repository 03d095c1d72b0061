# SPDX-License-Identifier: Apache-2.0
"""The planner from Python: texts in, the attention that was asked for out, nothing else computed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .attention_request import AttentionRequest, attention_request
from .attention_result import AttentionResult, save_results
from .conventions import CallValues
from .errors import TextError, usage_error
from .figure import PAGES
from .notices import warn
from .progress import progress_of
from .runtime import on_main_thread, version_string

if TYPE_CHECKING:
    from .pretrained_model import PreTrainedModel

__all__ = ["AttentionResult", "AttentionResults", "AttentionStream", "attend"]

_DTYPES = {"float32": np.float32, "float16": np.float16, "float64": np.float64}
_MAX_TEXTS = 256  # of one run


class AttentionResults(Sequence[AttentionResult]):
    """The results of a list of texts, in its order."""

    def __init__(self, results: list[AttentionResult]) -> None:
        self._results = results

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, index: Any) -> Any:
        chosen = self._results[index]
        return AttentionResults(chosen) if isinstance(index, slice) else chosen

    def save(self, path: Any) -> None:
        """One .npz or .safetensors for all: keys "0.attentions", "1.attentions" and so on; or one .html."""
        if Path(os.fsdecode(path)).suffix.lower() in PAGES:
            from .viewer import view

            view(self).save(path)
        else:
            save_results(path, self._results, several=True)

    def __repr__(self) -> str:
        return f"AttentionResults of {len(self)} texts"


class AttentionStream(Iterator[AttentionResult]):
    """Results as the texts come: nothing is kept, so that a corpus of any size takes the memory of one batch."""

    def __init__(self, results: Iterator[AttentionResult]) -> None:
        self._results = results

    def __iter__(self) -> AttentionStream:
        return self

    def __next__(self) -> AttentionResult:
        return next(self._results)

    def save(self, path: Any) -> int:
        """Writes all that is left to one file, .npz in constant memory; returns the number of texts.

        The file appears under its name when it is whole, and not at all if anything goes wrong before.
        """
        return save_results(path, self._results, several=True)


class _Text(NamedTuple):
    text: Any
    encoding: Any
    rows: list[int] | None  # positions, if some are chosen


class _Planner:
    """One attend(): the request, checked, and how texts become results."""

    def __init__(
        self, model: PreTrainedModel, request: AttentionRequest, dtype: Any, truncation: bool, tokens: int
    ) -> None:
        info = model._info
        reduce = request.reduce
        self.model = model
        self.request = request
        self.dtype = _dtype_of(dtype)
        self.truncation = truncation
        self.batch_tokens = tokens
        self.about = {
            "model": info["source"], "version": version_string(), "reduce": reduce, "precision": info["precision"],
        }  # fmt: skip
        if tokens < 1:
            raise usage_error("RANGE", "batch_tokens", f"{tokens}", "give 1 or more")

    def encode(self, index: int, text: Any) -> Any:
        return encode_text(self.model, text, f"texts[{index}]", self.truncation)

    def token_types(self, encoding: Any) -> list[int]:
        """Empty for models without."""
        return encoding.get("token_type_ids", []) if self.model.has_token_types else []

    def batches(self, texts: Iterable[Any]) -> Iterator[list[_Text]]:
        """Texts that are run together."""
        batch: list[_Text] = []
        tokens = 0
        for index, text in enumerate(texts):
            encoding = self.encode(index, text)
            length = len(encoding["input_ids"])
            if batch and (tokens + length > self.batch_tokens or len(batch) == _MAX_TEXTS):
                yield batch
                batch, tokens = [], 0
            batch.append(_Text(text, encoding, self.request.positions(length, f"texts[{index}]")))
            tokens += length
        if batch:
            yield batch

    def run(self, batch: list[_Text]) -> Iterator[AttentionResult]:
        model = self.model
        ids = [(text.encoding["input_ids"], self.token_types(text.encoding)) for text in batch]
        with model._registry.firing(model._nodes, CallValues) as fire:
            layers, heads, captures = model._session.attend(ids, self.request.choices(), on_main_thread(), fire)
        for text, capture in zip(batch, captures, strict=True):
            warn(capture.pop("notices"))
            capture |= {"layers": layers, "heads": heads, "rows": text.rows, "dtype": self.dtype}
            yield AttentionResult(text.text, text.encoding, capture, self.request, self.about, model)

    def results(self, texts: Iterable[Any], progress: bool | None, total: int | None) -> Iterator[AttentionResult]:
        with closing(progress_of(progress, total)) as bar:
            for batch in self.batches(texts):
                for result in self.run(batch):
                    yield result
                    bar.update(1)


def attend(
    model: PreTrainedModel, texts: Any, *, dtype: Any, truncation: bool, batch_tokens: int, progress: bool | None,
    **choices: Any,
) -> AttentionResult | AttentionResults | AttentionStream:  # fmt: skip
    """See PreTrainedModel.attend. choices: those of attention_request()."""
    planner = _Planner(model, attention_request(model._info, **choices), dtype, truncation, batch_tokens)
    if isinstance(texts, (str, tuple)):
        return next(planner.results([texts], False, 1))
    if isinstance(texts, Sequence) and not isinstance(texts, (bytes, bytearray)):
        return AttentionResults(list(planner.results(texts, progress, len(texts))))
    if not isinstance(texts, Iterable) or isinstance(texts, (bytes, bytearray)):
        raise TypeError(f"texts: found {type(texts).__name__}, expected str, a pair, or several of them")
    return AttentionStream(planner.results(texts, progress, None))


def encode_text(model: PreTrainedModel, text: Any, name: str = "text", truncation: bool = False) -> Any:
    """One text or pair, tokenized for a model, with what results tell about its tokens.

    Raises:  TypeError or TextError that names the text by `name`.
    """
    _check_text(name, text)
    first, second = text if isinstance(text, tuple) else (text, None)
    max_length = model._info["max_positions"]
    try:
        encoding = model.tokenizer(
            first, second, truncation=truncation, max_length=max_length if truncation else None,
            return_offsets_mapping=True, return_special_tokens_mask=True,
            return_token_type_ids=model.has_token_types, verbose=False,
        )  # fmt: skip
    except TextError as error:
        raise TextError(f"{name}: {error}", code=error.code, where=name) from error
    check_length(encoding, name, max_length)
    return encoding


def check_length(encoding: Any, name: str, max_length: int) -> None:
    """Raises:  TextError for a text of more tokens than a model takes."""
    length = len(encoding["input_ids"])
    if length > max_length:
        raise TextError(
            f"{name}: {length} tokens, the model takes at most {max_length}; "
            "shorten it, or cut it on purpose with truncation=True",
            code="TEXT_TOO_LONG", where=name,
        )  # fmt: skip


def _check_text(name: str, text: Any) -> None:
    parts = text if isinstance(text, tuple) and len(text) == 2 else (text,)
    for part in parts:
        if not isinstance(part, str):
            hint = "; decode it first" if isinstance(part, bytes) else ""
            raise TypeError(f"{name}: found {type(part).__name__}, expected str or a pair of str{hint}")


def _dtype_of(dtype: Any) -> Any:
    if dtype is None:
        return np.float32
    name = str(dtype).removeprefix("torch.") if not isinstance(dtype, type) else np.dtype(dtype).name
    if name not in _DTYPES:
        raise usage_error("DTYPE", "dtype", f"{dtype}", f"choose from {', '.join(_DTYPES)}")
    return _DTYPES[name]
