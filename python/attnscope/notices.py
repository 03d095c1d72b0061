# SPDX-License-Identifier: Apache-2.0
"""Things worth telling the user, as warnings that point at the user's own line."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable


def warn(notices: Iterable[str]) -> None:
    """Each as a UserWarning of the nearest caller outside of this package."""
    for notice in notices:
        warnings.warn(notice, stacklevel=_depth_of_caller())


def _depth_of_caller() -> int:
    package = __name__.partition(".")[0]
    depth = 1  # of warn()
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame = frame.f_back
        depth += 1
    return depth
