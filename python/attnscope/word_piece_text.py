# SPDX-License-Identifier: Apache-2.0
"""WordPiece tokens back to a text, as the `tokenizers` package's WordPiece decoder writes it."""

from __future__ import annotations

from collections.abc import Iterable

_PUNCTUATION = (
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
)
_ENDINGS = ((" 's", "'s"), (" 've", "'ve"), (" 're", "'re"))


def join_tokens(tokens: Iterable[str], prefix: str = "##", cleanup: bool = True) -> str:
    """Blanks between tokens, none before a continuing one; `cleanup` takes those before punctuation away."""
    return "".join(_with_blank(token, first, prefix, cleanup) for token, first in _marked(tokens))


def clean_spaces(text: str) -> str:
    """The same over a whole text: clean_up_tokenization_spaces."""
    return _replace(text, _PUNCTUATION + _ENDINGS)


def _marked(tokens: Iterable[str]) -> Iterable[tuple[str, bool]]:
    return ((token, index == 0) for index, token in enumerate(tokens))


def _with_blank(token: str, first: bool, prefix: str, cleanup: bool) -> str:
    if not first:
        token = token.removeprefix(prefix) if prefix and token.startswith(prefix) else f" {token}"
    return _replace(token, (*_PUNCTUATION, (" do not", " don't"), *_ENDINGS)) if cleanup and " " in token else token


def _replace(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text
