# SPDX-License-Identifier: Apache-2.0
"""The viewer's page for attention from anywhere: in a notebook, or as one HTML file."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from . import _core
from .analysis.word_report import measure_names
from .attend import AttentionResults
from .attention_figures import attention_figure
from .attention_result import AttentionResult
from .attention_source import AttentionSource, source_of_arrays, source_of_result
from .encoded_text import EncodedText, byte_starts
from .errors import HookError, usage_error
from .figure import SVG, Figure, Pictured
from .notebook_html import framed
from .notices import warn
from .runtime import on_main_thread
from .widget import has_anywidget, make_widget

if TYPE_CHECKING:
    from .pretrained_model import PreTrainedModel

_SHORT = 128  # tokens
_QUICK_MEASURES = ["attention", "rollout", "norms"]
PAGE_DATA = ("full", "u8", "topk")


class View(Pictured):
    """The viewer with one text or several. Notebooks show it: as a widget where they can, else as a page in a frame,
    a picture, or plain text.

    documents: what is shown, one a text. height: of the frame, in pixels.
    """

    def __init__(
        self, documents: list[Any], sources: list[AttentionSource], *, title: str = "", at: str = "", height: int = 640
    ) -> None:
        self.documents = documents
        self.title = title
        self.at = at
        self.height = height
        self._sources = sources
        self._widget: Any = None

    def to_html(self, max_bytes: int | None = None) -> str:
        """Page and data in one file that asks no network.

        Raises: LimitError that names what takes how much if it would be larger than max_bytes.
        """
        page, _ = _core.html_page(self.documents, self.title, self.at, max_bytes)
        return page

    def plot(self, view: str | None = None, *, document: int = 0, **options: Any) -> Figure:
        """A picture of one of the texts; options as of AttentionResult.plot."""
        return attention_figure(self._sources[document], view, **options)

    def widget(self) -> Any:
        """The viewer as an anywidget, made once.

        Raises: ImportError if anywidget is not installed.
        """
        if self._widget is None:
            titles = [document.text for document in self.documents]
            self._widget = make_widget(self.documents, titles, self.at)
        return self._widget

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        svg = self.to_svg()
        title = self.title or self.documents[0].text
        bundle = {
            "text/html": framed(self.to_html(), self.height, svg, title), SVG: svg,
            "text/plain": self._sources[0].blocks(),
        }  # fmt: skip
        if not has_anywidget():
            return bundle
        made = self.widget()._repr_mimebundle_()
        data, metadata = made if isinstance(made, tuple) else (made or {}, {})
        return {**data, **bundle}, metadata

    def __repr__(self) -> str:
        texts = "; ".join(repr(shorten(document.text, 60, placeholder="...")) for document in self.documents[:3])
        more = f" and {len(self.documents) - 3} more" if len(self.documents) > 3 else ""
        return f"View of {texts}{more}: save('view.html'), plot(), or show it in a notebook"


def view(
    attention: Any, tokens: Any = None, *, layers: Iterable[int] | None = None, heads: Iterable[int] | None = None,
    name: str = "attention", title: str = "", at: str = "", height: int = 640, data: str | None = None,
    top_k: int = 16, query_key: bool | None = None, ablation: bool | None = None,
    measures: str | Iterable[str] | None = None,
) -> View:  # fmt: skip
    """The viewer for the attention of a text.

    attention: a result of attend(), or several: words, entities, measures and heads of the model (its hooks must be
        gone; without them, or for chosen layers, heads and rows, the attention alone). Or what another library has:
        the outputs of a model, their attentions (a tuple of [1, heads, T, T], one a layer), an array of numpy or torch
        (any dtype and device) [layers, heads, T, T], [1, heads, T, T], [heads, T, T] or [T, T].
    tokens: of arrays: a list of str or an encoding. name: of the model, to show. layers, heads: of arrays: positions
        to show; None: all.
    title: of the page. at: what it opens with, such as "view=model". height: of the frame, in pixels.
    data: how weights are kept in the page: "full" (float32), "u8", "topk" (the `top_k` largest of a row); None: by
        the length of the text. What the page prints is right to its digits in all of them.
    query_key, ablation, measures: with a model: keep queries and keys; measure each head's effect; which measures, as
        of analysis.words. None: what is quick enough: in texts over 128 tokens no ablation, gradient or leave_one_out.
    Raises:  UsageError for another shape, and tokens that do not fit.

    Example: attnscope.view(outputs.attentions, tokenizer.convert_ids_to_tokens(ids)).save("view.html")
    """
    choices = _choices(data, top_k, query_key, ablation)
    results = _results(attention)
    if results is None:
        sources = [source_of_arrays(attention, tokens, layers, heads, name)]
        documents = [_document(sources[0], choices)]
    else:
        for argument, value in (("tokens", tokens), ("layers", layers), ("heads", heads)):
            if value is not None:
                hint = "a result has its own: choose layers and heads in attend()"
                raise usage_error("ARGUMENTS", argument, "together with a result of attend()", hint)
        sources = [source_of_result(result, "view") for result in results]
        documents = [
            _full_document(result, measures, choices) or _document(source, choices)
            for result, source in zip(results, sources, strict=True)
        ]
    return View(documents, sources, title=title, at=at, height=height)


def view_of_result(result: AttentionResult) -> View:
    """The attention alone, without running the model again."""
    source = source_of_result(result, "view")
    return View([_document(source, _choices())], [source])


def _results(attention: Any) -> list[AttentionResult] | None:
    if isinstance(attention, AttentionResult):
        return [attention]
    several = isinstance(attention, (list, tuple, AttentionResults)) and len(attention) > 0
    return list(attention) if several and all(isinstance(one, AttentionResult) for one in attention) else None


def _choices(
    data: str | None = None, top_k: int = 16, query_key: bool | None = None, ablation: bool | None = None
) -> dict[str, Any]:
    if data is not None and data not in PAGE_DATA:
        raise usage_error("CHOICE", "data", f"'{data}'", f"choose from {', '.join(PAGE_DATA)}")
    if top_k < 1:
        raise usage_error("RANGE", "top_k", f"{top_k}", "give 1 or more")
    return {
        "data": data, "top_k": top_k, "query_key": query_key, "ablation": ablation, "measures": None,
    }  # fmt: skip


def _document(source: AttentionSource, choices: dict[str, Any]) -> Any:
    starts = byte_starts(source.text)
    about = {
        "model": f"{source.model} ({source.reduced})" if source.reduced else source.model,
        "layers": source.layers, "heads": source.heads, "tokens": source.tokens, "text": source.text,
        "offsets": [(starts[begin], starts[end]) for begin, end in source.offsets if source.text],
        "word_ids": [-1 if word is None else word for word in source.word_ids],
    }  # fmt: skip
    return _core.Document.of_attention(source.square("view"), about, choices, on_main_thread())


def _full_document(result: AttentionResult, measures: Any, choices: dict[str, Any]) -> Any:
    """What the model says of the text besides; None where that would not show this very result."""
    model = result._model
    if model is None or not isinstance(result.text, str) or not _is_whole(result, model):
        return None
    columns = EncodedText(result.text, result._encoding, model.has_token_types).columns
    if measures is None:
        measures = "all" if len(result.tokens) <= _SHORT else _QUICK_MEASURES
    choices = {**choices, "measures": measure_names(measures)}
    try:
        document = _core.Document.of_text(model._session, result.text, columns, choices, on_main_thread())
    except HookError as error:
        warn([f"view: the attention alone is shown: {error.what}"])
        return None
    # A hook may have changed the weights of the result, which are what is to be shown.
    if (document.attentions.astype(result.attentions.dtype) == result.attentions).all():
        return document
    warn(["view: the attention alone is shown: without hooks the model gives other weights"])
    return None


def _is_whole(result: AttentionResult, model: PreTrainedModel) -> bool:
    info = model._info
    return (
        result.reduce == "none" and result._rows is None
        and result.layers == list(range(info["num_layers"])) and result.heads == list(range(info["num_heads"]))
    )  # fmt: skip
