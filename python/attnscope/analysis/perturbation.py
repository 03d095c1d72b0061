# SPDX-License-Identifier: Apache-2.0
"""What a model says when its text, or what it computes on the way, is changed.

    target: None is the label that the model predicts; a label by number or name; or a Target.
    token, word: for models with logits for every token, whose logits: a token, or the first token of a word.

Groups of tokens are the words of the text unless they are given. They raise UnsupportedModel for a model without a
task head, and UsageError for a target that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from ..errors import usage_error
from ..runtime import on_main_thread
from .explained_target import explained_target
from .model_inputs import ModelText, model_text

if TYPE_CHECKING:
    from ..pretrained_model import PreTrainedModel

_LAYER = re.compile(r"(^|\.)layer\.\d+$")


@dataclass(frozen=True)
class Faithfulness:
    """Whether a ranking of groups names what the model uses, by shares of the groups (bins).

    comprehensiveness [bins]: value less the value without the top share; large is faithful.
    sufficiency [bins]: value less the value with only the top share; small is faithful.
    mean_...: over the bins (AOPC). normalised_...: between the lowest (0) and the highest (1) that a beam search over
        orders of the groups found; NaN where they are equal.
    """

    bins: np.ndarray
    comprehensiveness: np.ndarray
    sufficiency: np.ndarray
    mean_comprehensiveness: float
    mean_sufficiency: float
    normalised_comprehensiveness: float
    normalised_sufficiency: float


def patching_effects(
    model: PreTrainedModel, clean: Any, corrupt: Any, target: Any = None, *,
    paths: Iterable[str] | None = None, token: int | None = None, word: int | None = None,
) -> np.ndarray:  # fmt: skip
    """(patched - corrupt) / (clean - corrupt) of the target, for each module and token: [paths, T].

    Outputs of the run of `clean` are put, one token of one module at a time, into the run of `corrupt`: 1 where that
    alone brings the clean answer back, NaN where both texts give the same. Texts have equally many tokens.
    paths: modules; None: the layers. The target is what the model predicts for `clean`.
    """
    text = model_text(model, clean)
    wanted = explained_target(model, text, target, token, word)
    texts = (text.sequence, model_text(model, corrupt).sequence)
    modules = [path for path in model._nodes if _LAYER.search(path)] if paths is None else list(paths)
    return _core.patching_effects(model._session, texts, wanted, modules, on_main_thread())


def leave_one_out(
    model: PreTrainedModel, text: Any, target: Any = None, *, groups: Sequence[Sequence[int]] | None = None,
    replacement: int | str | None = "mask", token: int | None = None, word: int | None = None,
) -> np.ndarray:  # fmt: skip
    """Change of the target when each group of tokens loses its meaning: [groups]; negative where it speaks for it.

    replacement: what its tokens become: "mask" the tokenizer's mask token, an id, or None to leave them out. A group
        that holds a token that is asked about cannot be left out and is NaN.
    """
    run_text = model_text(model, text)
    wanted = explained_target(model, run_text, target, token, word)
    return _core.leave_one_out(
        model._session, run_text.sequence, wanted, _groups(run_text, groups), _replacement_id(model, replacement),
        on_main_thread(),
    )  # fmt: skip


def faithfulness(
    model: PreTrainedModel, text: Any, scores: Iterable[float], target: Any = None, *,
    groups: Sequence[Sequence[int]] | None = None, replacement: int | str | None = "mask", beam: int = 5,
    token: int | None = None, word: int | None = None,
) -> Faithfulness:  # fmt: skip
    """Comprehensiveness and sufficiency of scores, one a group, larger is more important.

    replacement: as in leave_one_out(); groups that cannot be left out stay, as do tokens in no group.
    beam: width of the search for the limits, which costs up to 2 groups^2 runs for each place in it.
    Source:  ERASER, DeYoung et al. 2020; normalised: Edin et al. 2024.
    """
    run_text = model_text(model, text)
    wanted = explained_target(model, run_text, target, token, word)
    ranking = (_groups(run_text, groups), [float(score) for score in scores])
    options = {"replacement_id": _replacement_id(model, replacement), "beam": beam}
    found = _core.faithfulness(model._session, run_text.sequence, wanted, ranking, options, on_main_thread())
    return Faithfulness(**{name: np.array(value) if isinstance(value, list) else value
                           for name, value in found.items()})  # fmt: skip


def _groups(text: ModelText, groups: Sequence[Sequence[int]] | None) -> list[list[int]]:
    """The tokens of each word, special tokens left out."""
    if groups is not None:
        return [[int(token) for token in group] for group in groups]
    if text.encoding is None:
        raise usage_error("GROUP", "groups", "none for ids, which have no words", "give the text, or groups=")
    words: dict[tuple[int, int], list[int]] = {}
    places = zip(text.encoding.sequence_ids(0), text.encoding.word_ids(0), strict=True)
    for token, (sequence, word) in enumerate(places):
        if word is not None:
            words.setdefault((sequence, word), []).append(token)
    return list(words.values())


def _replacement_id(model: PreTrainedModel, replacement: int | str | None) -> int | None:
    if replacement is None or isinstance(replacement, int):
        return replacement
    mask = model.tokenizer.mask_token_id if replacement == "mask" else None
    if mask is None:
        raise usage_error("CHOICE", "replacement", f"'{replacement}'", "give 'mask', the id of a token, or None")
    return mask
