# SPDX-License-Identifier: Apache-2.0
"""The names of what attend() counts on rows of weights."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from . import _core
from .errors import UsageError, usage_error

STATISTICS: tuple[str, ...] = tuple(_core.statistic_names())

_TOP = re.compile("top([1-9][0-9]{0,8})")
_KNOWN = (*STATISTICS, "received", "top5", "all")


class StatisticsChoice(NamedTuple):
    """statistics: of each row, in the order named; received: of each key; top_keys: 0 for none."""

    statistics: list[str]
    received: bool
    top_keys: int

    @property
    def names(self) -> list[str]:
        received = ["received"] if self.received else []
        return [*self.statistics, *received, *([f"top{self.top_keys}"] if self.top_keys else [])]


def statistics_choice(stats: Any) -> StatisticsChoice:
    """What `stats` names: one or several of STATISTICS, "received", "topN"; "all" is all of them but topN.

    Raises: UsageError for a name that is unknown or named twice, TypeError for what is no name.
    """
    found: dict[str, int] = {}  # with N for top
    for name in _names(stats):
        top = _TOP.fullmatch(name)
        kind = "top" if top else name
        if kind not in (*STATISTICS, "received", "top"):
            raise _unknown(name)
        if kind in found:
            raise usage_error("RANGE", "stats", f"{kind} is named twice", "name each once")
        found[kind] = int(top[1]) if top else 0
    return StatisticsChoice([name for name in found if name in STATISTICS], "received" in found, found.get("top", 0))


def _names(stats: Any) -> list[str]:
    if stats is None:
        return []
    if not isinstance(stats, (str, Iterable)):
        raise TypeError(f"stats: found {type(stats).__name__}, expected names")
    names: list[str] = []
    for name in [stats] if isinstance(stats, str) else stats:
        if not isinstance(name, str):
            raise TypeError(f"stats: found {type(name).__name__}, expected names")
        names.extend((*STATISTICS, "received") if name == "all" else [name])
    return names


def _unknown(name: str) -> UsageError:
    nearest = difflib.get_close_matches(name, _KNOWN, n=1)
    hint = f"did you mean '{nearest[0]}'?" if nearest else ""
    return usage_error("STATISTIC", "stats", f"'{name}' is not one of: {', '.join(_KNOWN)}", hint)
