# SPDX-License-Identifier: Apache-2.0
"""The process: version, threads, forks."""

from __future__ import annotations

import atexit
import os
import threading

from . import _core
from .errors import usage_error

version_string = _core.version_string
__version__ = version_string().split()[1]
get_num_threads = _core.get_num_threads

os.register_at_fork(after_in_child=_core.after_fork)
atexit.register(_core.begin_ending)


def set_num_threads(threads: int) -> None:
    """Threads of the engine in this process; calls at the same time share them. Bits do not depend on it.

    Raises: UsageError for a number below 1.
    """
    if threads < 1:
        raise usage_error("RANGE", "threads", f"{threads}, expected 1 or more", "give the number of threads")
    _core.set_num_threads(threads)


def on_main_thread() -> bool:
    """Whether Python runs signal handlers, Ctrl-C among them, on this thread."""
    return threading.get_ident() == threading.main_thread().ident
