# SPDX-License-Identifier: Apache-2.0
"""Progress of long work on stderr: tqdm's bar if the package is there, else one line of our own."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol


class Progress(Protocol):
    def update(self, done: int) -> Any: ...
    def close(self) -> Any: ...


class _Silent:
    def update(self, done: int) -> None:
        pass

    def close(self) -> None:
        pass


class _Line:
    """Texts done, rate and time left, a few times a second, after work that takes longer than that."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = 0
        self._start = self._last = time.monotonic()
        self._shown = False

    def update(self, done: int) -> None:
        self._done += done
        now = time.monotonic()
        if now - self._last < 0.2:
            return
        self._last = now
        self._shown = True
        rate = self._done / (now - self._start)
        left = f"  {(self._total - self._done) / rate:.0f} s left" if self._total and rate else ""
        sys.stderr.write(f"\r\x1b[K{self._done} texts  {rate:.1f} texts/s{left}")
        sys.stderr.flush()

    def close(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def progress_of(wanted: bool | None, total: int | None) -> Progress:
    """`wanted` None: if stderr is a terminal."""
    if not (sys.stderr.isatty() if wanted is None else wanted):
        return _Silent()
    try:
        from tqdm import tqdm
    except ImportError:
        return _Line(total)
    return tqdm(total=total, unit=" texts", leave=False, delay=0.3)
