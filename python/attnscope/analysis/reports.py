# SPDX-License-Identifier: Apache-2.0
"""What reports have in common: rows, arrays by name, a frame; and the texts they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..attend import check_length, encode_text
from ..figure import SVG, Pictured
from ..report_page import report_cell, report_page

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

# (input_ids, token_type_ids or empty, word_ids), as the engine takes a text.
TextTokens = tuple[list[int], list[int], list["int | None"]]

_UNITS = {"entropy": "nats", "distance": "tokens"}


class Rows(Pictured):
    """rows: a list of dicts. Notebooks show the picture that plot() draws, and the rows."""

    rows: list[dict[str, Any]]

    @property
    def _title(self) -> str:
        """Of a page: "Word report"."""
        return type(self).__name__.replace("Report", " report")

    def to_html(self, **options: Any) -> str:
        """Picture (options as of plot) and rows in one file without scripts."""
        return report_page(self._title, self.to_svg(**options), self.rows)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        svg = self.to_svg()
        return {"text/html": report_cell(self._title, svg, self.rows), SVG: svg, "text/plain": repr(self)}

    def to_frame(self) -> Any:
        """The rows as a pandas.DataFrame.

        Raises: ImportError if pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_frame: pandas is not installed; pip install pandas, or use .rows") from error
        return pandas.DataFrame(self.rows)


class Report(Rows):
    """rows: a list of dicts. arrays: numpy arrays by name, of which report["name"] is short for one."""

    def __init__(self, rows: list[dict[str, Any]], arrays: dict[str, np.ndarray]) -> None:
        self.rows = rows
        self.arrays = arrays

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {len(self.rows)} rows; arrays: {', '.join(self.arrays)}"


def axis_name(column: str) -> str:
    """ "relative entropy", "distance (tokens)"."""
    name = column.replace("_", " ")
    return f"{name} ({_UNITS[column]})" if column in _UNITS else name


def flat_word_ids(encoding: Any) -> list[int | None]:
    """The word of each token, None for special tokens; in a pair the second text's words follow the first's."""
    places: dict[tuple[int, int], int] = {}
    ids: list[int | None] = []
    for sequence, word in zip(encoding.sequence_ids(0), encoding.word_ids(0), strict=True):
        ids.append(None if word is None else places.setdefault((sequence or 0, word), len(places)))
    return ids


def text_tokens(model: PreTrainedModel, encoding: Any, word_ids: list[int | None]) -> TextTokens:
    types = encoding.get("token_type_ids", []) if model.has_token_types else []
    return encoding["input_ids"], types, word_ids


def tokens_of_text(model: PreTrainedModel, text: Any, name: str, truncation: bool) -> TextTokens:
    """A str or a pair.

    Raises: TypeError or TextError that names the text.
    """
    encoding = encode_text(model, text, name, truncation)
    return text_tokens(model, encoding, flat_word_ids(encoding))


def tokens_of_words(model: PreTrainedModel, words: Any, name: str, truncation: bool) -> TextTokens:
    """A list of words; word ids are positions in it.

    Raises: TypeError or TextError that names the text.
    """
    if isinstance(words, (str, bytes)):
        raise TypeError(f"{name}: found {type(words).__name__}, expected a list of words, as labels are of words")
    limit = model._info["max_positions"]
    encoding = model.tokenizer(
        list(words), is_split_into_words=True, truncation=truncation, max_length=limit if truncation else None,
        return_token_type_ids=model.has_token_types, verbose=False,
    )  # fmt: skip
    check_length(encoding, name, limit)
    return text_tokens(model, encoding, encoding.word_ids(0))


def batches(texts: Iterable[TextTokens], batch_tokens: int = 1024) -> Iterator[list[TextTokens]]:
    """Texts that are run together."""
    batch: list[TextTokens] = []
    tokens = 0
    for text in texts:
        batch.append(text)
        tokens += len(text[0])
        if tokens >= batch_tokens:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch
