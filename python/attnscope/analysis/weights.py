# SPDX-License-Identifier: Apache-2.0
"""Numbers made of attention weights alone.

A is the attention of one text, in any form that attention_array() takes; T is its number of tokens. Row = query,
column = key. Weights that are negative, infinite or NaN are a UsageError that names layer, head and row. Results are
float32 numpy arrays, and have the same bits whatever the number of threads.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import _core
from ..errors import usage_error
from ..runtime import on_main_thread
from .inputs import attention_array, float_array, hidden_state_array, number_list, token_flags, word_ids_of

_WORD_RULES = ("mean", "first", "max")
_HIDDEN_RULES = ("renormalise", "keep_mass")
_CLS = ("[CLS]", "<s>")
_SEP = ("[SEP]", "</s>")


# ---- One number a head


def entropy(A: Any, rows: Any = None) -> np.ndarray:
    """Mean over the queries of the entropy of their weights, in nats: [layers, heads].

    rows: the queries to take the mean over: positions, or a flag for each token; None: all.
    """
    weights = attention_array(A)
    return _core.entropy(weights, _rows(rows, weights))


def distance(A: Any, rows: Any = None) -> np.ndarray:
    """Mean over the queries of how far they look, sum of weight * |query - key|, in tokens: [layers, heads].

    rows: as in entropy().
    """
    weights = attention_array(A)
    return _core.distance(weights, _rows(rows, weights))


def confidence(A: Any, rows: Any = None) -> np.ndarray:
    """Mean over the queries of their largest weight: [layers, heads]. rows: as in entropy().

    Source: Voita et al. 2019.
    """
    weights = attention_array(A)
    return _core.confidence(weights, _rows(rows, weights))


def mass_on(A: Any, keys: Any, rows: Any = None) -> np.ndarray:
    """Mean over the queries of their weight on some keys: [layers, heads].

    keys: positions, or a flag for each token. rows: as in entropy().
    """
    weights = attention_array(A)
    return _core.mass_on(weights, token_flags(keys, weights.shape[-1], "keys"), _rows(rows, weights))


def mass_at_offset(A: Any, offset: int, rows: Any = None) -> np.ndarray:
    """Mean over the queries of their weight on the key at an offset: [layers, heads].

    offset: 0 self, -1 the token before, 1 the one behind. A query whose key would lie outside counts with 0.
    rows: as in entropy().
    """
    weights = attention_array(A)
    n = weights.shape[-1]
    return _core.mass_at_offset(weights, max(-n, min(int(offset), n)), _rows(rows, weights))


def mass_on_same_word(A: Any, word_ids: Iterable[int | None] | None = None) -> np.ndarray:
    """Mean over the queries of their weight on the other tokens of their own word: [layers, heads].

    word_ids: as in word_attention().
    """
    return _core.mass_on_same_word(attention_array(A), word_ids_of(A, word_ids))


def received(A: Any) -> np.ndarray:
    """For each key the mean over the queries of its weight: [layers, heads, T]."""
    return _core.received(attention_array(A))


def patterns(A: Any, tokens: Sequence[str] | None = None, word_ids: Iterable[int | None] | None = None) -> np.ndarray:
    """What each head does: an array of names [layers, heads].

    The one with the largest mass of: "previous", "next" and "self" above 0.5; "cls", "sep" and "punctuation" above
    0.6; "same_word" above 0.5. If there is none, "broad" where the entropy is above 3.8 nats, else "mixed".

    tokens: for cls, sep and punctuation; word_ids: for same_word. None takes those of a result of attend(); what is
        not known is not found.
    Source: the thresholds of Clark et al. 2019.
    """
    weights = attention_array(A)
    shape, n = weights.shape[:-2], weights.shape[-1]
    tokens = getattr(A, "tokens", None) if tokens is None else list(tokens)
    word_ids = getattr(A, "word_ids", None) if word_ids is None else word_ids
    if tokens is not None and len(tokens) != n:
        raise usage_error("SHAPE", "tokens", f"has {len(tokens)} entries, expected one for each of the {n} tokens")
    nothing = np.zeros(shape, dtype=np.float32)

    def on(is_member: Any) -> np.ndarray:
        return nothing if tokens is None else _core.mass_on(weights, [is_member(token) for token in tokens], None)

    masses = {
        "entropy": _core.entropy(weights, None),
        "self": _core.mass_at_offset(weights, 0, None),
        "previous": _core.mass_at_offset(weights, -1, None),
        "next": _core.mass_at_offset(weights, 1, None),
        "cls": on(_CLS.__contains__),
        "sep": on(_SEP.__contains__),
        "punctuation": on(_is_punctuation),
        "same_word": nothing if word_ids is None else mass_on_same_word(weights, word_ids),
    }
    names = [_core.pattern(**{name: float(mass[head]) for name, mass in masses.items()}) for head in np.ndindex(shape)]
    return np.array(names).reshape(shape)


# ---- Tokens put together, or left out


def word_attention(A: Any, word_ids: Iterable[int | None] | None = None, rule: str = "mean") -> np.ndarray:
    """Attention between words: [layers, heads, words, words]. Rows sum to 1.

    To a word it is the sum over the word's tokens, from a word that of the rule.

    word_ids: the word of each token, None for special ones, each of which is a word of its own; in order, and from 0
        again only behind a special token. None takes those of a result of attend().
    rule: "mean", the mean of the rows of the word's tokens; "first", the row of its first; "max", the largest weight
        from and to a word, rows then divided by their sum.
    Source: Clark et al. 2019, section 4.1.
    """
    _check_rule(rule, _WORD_RULES)
    return _core.word_attention(attention_array(A), word_ids_of(A, word_ids), rule)


def without_tokens(A: Any, tokens: Any, rule: str = "renormalise") -> np.ndarray:
    """The weights without the rows and columns of some tokens: [layers, heads, m, m].

    tokens: positions, or a flag for each token; some have to stay.
    rule: "renormalise" divides rows by their sum, and leaves 0 where that is 0; "keep_mass" leaves them as they are.
    """
    _check_rule(rule, _HIDDEN_RULES)
    weights = attention_array(A)
    return _core.without_tokens(weights, token_flags(tokens, weights.shape[-1], "tokens"), rule == "renormalise")


# ---- Across layers


def rollout(A: Any) -> np.ndarray:
    """Attention rollout from the top layer to the input: [T, T]. Rows sum to 1.

    In each layer the mean over the heads plus the identity, rows divided by their sum; the product over the layers.
    Source: Abnar & Zuidema 2020.
    """
    return rollout_layers(A)[-1]


def rollout_layers(A: Any) -> np.ndarray:
    """rollout() from every layer to the input: [layers, T, T]."""
    return _core.rollout(attention_array(A))


def accumulate(contributions: Any) -> np.ndarray:
    """The products of matrices from every layer to the input: [layers, T, T].

    contributions: [layers, T, T], used as they are: no identity is added and no row divided.
    """
    array = attention_array(contributions, "contributions")
    if array.ndim != 3:
        raise usage_error("SHAPE", "contributions", f"has shape {list(array.shape)}, expected [layers, T, T]")
    return _core.accumulate(array)


def flow(A: Any, add_identity: bool = True) -> np.ndarray:
    """Maximum attention flow from each token of the top layer to each input token: [T, T]. Rows sum to 1.

    add_identity: capacities are those of rollout(); False: the mean over the heads as it is.
    Cost: T^2 maximum flows, on the threads of attnscope.get_num_threads(). Ctrl-C ends it.
    Source: Abnar & Zuidema 2020.
    """
    return _core.flow(attention_array(A), bool(add_identity), on_main_thread())


# ---- Comparisons


def head_distances(A: Any) -> np.ndarray:
    """How differently heads attend: [layers * heads, layers * heads], symmetric, 0 on the diagonal.

    The Jensen-Shannon divergence in nats of weights smoothed to 0.999 p + 0.001 / T, summed over queries and texts.
    Head h of layer l is row l * heads + h.

    A: one text, or several in a list or in anything that can be iterated over, which takes the memory of one. (A tuple
        is one text: an array a layer.)
    Source: Clark et al. 2019, their code.
    """
    distances = None
    for place, text in _texts_of(A):
        weights = attention_array(text, place)
        if weights.ndim != 4:
            raise usage_error("SHAPE", place, f"has shape {list(weights.shape)}, expected [layers, heads, n, n]")
        distances = distances or _core.HeadDistances(*weights.shape[:2])
        distances.add(weights, on_main_thread())
    if distances is None:
        raise usage_error("SHAPE", "A", "no text is in it", "give one or more")
    return distances.matrix()


def scale_to_plane(distances: Any, dimensions: int = 2) -> np.ndarray:
    """Points whose distances are near those given, [m, m]: [m, dimensions]. Classical multidimensional scaling.

    The largest coordinate of each axis is positive.
    """
    return _core.scale_to_plane(float_array(distances, "distances"), int(dimensions))


def divergence(A: Any, B: Any) -> np.ndarray:
    """Mean over the queries of the Jensen-Shannon divergence of two attentions, in nats: [layers, heads].

    B: as A, and of its shape.
    """
    return _core.divergence(attention_array(A, "A"), attention_array(B, "B"))


def kendall_tau(left: Any, right: Any) -> float:
    """Kendall's tau-b of two rankings of equal length, at least 2; NaN if one is constant."""
    return _core.kendall_tau(number_list(left, "left"), number_list(right, "right"))


def total_variation(left: Any, right: Any) -> float:
    """Half of the sum of the absolute differences of two distributions."""
    return _core.total_variation(number_list(left, "left"), number_list(right, "right"))


def state_cosines(hidden_states: Any) -> np.ndarray:
    """Mean over the tokens of the cosine of each pair of states: [states, states].

    hidden_states: [states, T, width], the tuple that models return, or their outputs.
    """
    return _core.state_cosines(hidden_state_array(hidden_states))


def token_cosines(hidden_states: Any) -> np.ndarray:
    """Mean over the pairs of different tokens of their cosine, for each state: [states].

    hidden_states: as in state_cosines().
    """
    return _core.token_cosines(hidden_state_array(hidden_states))


def align_words(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of words that stand for each other in two texts.

    A longest common subsequence; before, between and behind its matches also what was replaced one for one, where both
    sides have equally many.
    """
    return _core.align_words(list(left), list(right))


def _rows(rows: Any, weights: np.ndarray) -> list[bool] | None:
    return None if rows is None else token_flags(rows, weights.shape[-1], "rows")


def _check_rule(rule: str, rules: tuple[str, ...]) -> None:
    if rule not in rules:
        raise usage_error("RULE", "rule", f"{rule!r}", f"choose from {', '.join(rules)}")


def _texts_of(A: Any) -> Iterable[tuple[str, Any]]:
    """(name, attention) of each text."""
    is_one = isinstance(A, tuple) or hasattr(A, "__array__") or hasattr(A, "__dlpack__") or hasattr(A, "attentions")
    if is_one or not isinstance(A, Iterable):
        return [("A", A)]
    return ((f"A[{index}]", text) for index, text in enumerate(A))


def _is_punctuation(token: str) -> bool:
    """Whether a token is nothing but punctuation, as in attend(stats="punctuation")."""
    token = token[2:] if len(token) > 2 and token.startswith("##") else token
    return token != "" and all(
        unicodedata.category(character).startswith("P") or (character.isascii() and character in "$+<=>^`|~")
        for character in token
    )
