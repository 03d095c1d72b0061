# SPDX-License-Identifier: Apache-2.0
"""BertViz's calls with attnscope's viewer: old notebooks change the import line and keep the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from .attention_source import source_of_arrays
from .errors import UnsupportedModel, usage_error
from .notebook_html import framed
from .viewer import View, view

_ACTIONS = ("view", "return")
_MOST_HEADS = 4  # that the viewer shows at once
_PIECE_MARKS = (("Ġ", " "), ("▁", " "), ("</w>", ""))


class Html:
    """A page. data: the whole of it, to be written to a file; notebooks show it in a frame."""

    def __init__(self, shown: View) -> None:
        self.data = shown.to_html()
        self._shown = shown

    def _repr_html_(self) -> str:
        return framed(self.data, self._shown.height, self._shown.to_svg(), self._shown.documents[0].text)


def head_view(
    attention: Any = None, tokens: Any = None, sentence_b_start: int | None = None, prettify_tokens: bool = True,
    layer: int | None = None, heads: Iterable[int] | None = None, encoder_attention: Any = None,
    decoder_attention: Any = None, cross_attention: Any = None, encoder_tokens: Any = None, decoder_tokens: Any = None,
    include_layers: Iterable[int] | None = None, html_action: str = "view",
) -> Any:  # fmt: skip
    """bertviz.head_view with the same arguments: the viewer, opened at its view of heads.

    attention: a tuple of [1, heads, T, T], one a layer, or whatever view() takes. tokens: a list of str.
    sentence_b_start: is checked; the viewer shows all tokens at once.
    layer, heads: what is shown first, at most 4 heads. include_layers: the layers to keep.
    html_action: "view" shows it in a notebook (and is the View elsewhere), "return" is an object whose .data is HTML.
    Raises:  UsageError; UnsupportedModel for attention of encoders with decoders.
    """
    given = {
        "encoder_attention": encoder_attention, "decoder_attention": decoder_attention,
        "cross_attention": cross_attention, "encoder_tokens": encoder_tokens, "decoder_tokens": decoder_tokens,
    }  # fmt: skip
    names = _checked(given, attention, tokens, sentence_b_start, prettify_tokens, html_action)
    layers = None if include_layers is None else list(include_layers)
    if layer is not None and layers is not None and layer not in layers:
        raise usage_error("RANGE", "layer", f"{layer} is not in include_layers: {layers}", "include it")
    source = source_of_arrays(attention, names, layers)
    first = 0 if layer is None else _place(layer, source.layers, "layer")
    shown = [_place(head, source.heads, "heads") for head in heads or ()]
    at = f"view=head&layer={first}" + (f"&head={shown[0]}" if shown else "")
    if len(shown) > 1:
        at += f"&pinned={','.join(f'{first}.{place}' for place in shown[:_MOST_HEADS])}"
    return _acted(view(attention, names, layers=layers, at=at), html_action)


def model_view(
    attention: Any = None, tokens: Any = None, sentence_b_start: int | None = None, prettify_tokens: bool = True,
    display_mode: str = "dark", encoder_attention: Any = None, decoder_attention: Any = None,
    cross_attention: Any = None, encoder_tokens: Any = None, decoder_tokens: Any = None,
    include_layers: Iterable[int] | None = None, include_heads: Iterable[int] | None = None, html_action: str = "view",
) -> Any:  # fmt: skip
    """bertviz.model_view with the same arguments: the viewer, opened at its view of the model.

    display_mode: "dark" or "light". include_layers, include_heads: what to keep. The rest as of head_view().
    """
    given = {
        "encoder_attention": encoder_attention, "decoder_attention": decoder_attention,
        "cross_attention": cross_attention, "encoder_tokens": encoder_tokens, "decoder_tokens": decoder_tokens,
    }  # fmt: skip
    names = _checked(given, attention, tokens, sentence_b_start, prettify_tokens, html_action)
    if display_mode not in ("dark", "light"):
        raise usage_error("CHOICE", "display_mode", f"'{display_mode}'", "choose from dark, light")
    shown = view(attention, names, layers=include_layers, heads=include_heads, at=f"view=model&theme={display_mode}")
    return _acted(shown, html_action)


def _checked(
    given: dict[str, Any], attention: Any, tokens: Any, sentence_b_start: int | None, prettify: bool, action: str
) -> list[str] | None:
    """The tokens to show."""
    if action not in _ACTIONS:
        raise usage_error("CHOICE", "html_action", f"'{action}'", f"choose from {', '.join(_ACTIONS)}")
    for name, value in given.items():
        if value is not None:
            hint = "encoders alone are shown: pass attention= and tokens="
            message = f"{name}: models of an encoder and a decoder are not supported; {hint}"
            raise UnsupportedModel(message, code="DECODER", where=name, what="an encoder and a decoder", hint=hint)
    if attention is None:
        hint = "pass the attentions of a model that was called with output_attentions=True"
        raise usage_error("ARGUMENTS", "attention", "not given", hint)
    if tokens is None:
        return None
    names = [str(token) for token in tokens]
    if sentence_b_start is not None and not 0 < sentence_b_start < len(names):
        hint = f"choose from 1..{len(names) - 1}"
        raise usage_error("RANGE", "sentence_b_start", f"{sentence_b_start}", hint)
    return [_pretty(name) for name in names] if prettify else names


def _pretty(token: str) -> str:
    for mark, instead in _PIECE_MARKS:
        token = token.replace(mark, instead)
    return token


def _place(number: int, numbers: list[int], name: str) -> int:
    if number not in numbers:
        raise usage_error("RANGE", name, f"{number} is not there", f"choose from {', '.join(map(str, numbers))}")
    return numbers.index(number)


def _acted(shown: View, action: str) -> Any:
    if action == "return":
        return Html(shown)
    if "IPython" not in sys.modules:
        return shown
    from IPython.display import display

    return display(shown)
