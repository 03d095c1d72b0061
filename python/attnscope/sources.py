# SPDX-License-Identifier: Apache-2.0
"""Names of models: directories, `builtin:demo`, hub ids."""

from __future__ import annotations

import os
from typing import Any

from . import _core
from .errors import usage_error


def source_name(source: Any) -> str:
    """`source` as a str; path objects and bytes as the file system takes them.

    Raises: TypeError for anything that is no path; UsageError for a NUL in it.
    """
    try:
        name = os.fsdecode(source)
    except TypeError as error:
        raise TypeError(f"a model is named by a str or a path, not by {type(source).__name__}") from error
    if "\0" in name:
        raise usage_error("MODEL_MISSING", "source", "a path cannot hold a NUL byte")
    return name


def model_file(source: str, name: str) -> str | None:
    """Text of a small file of a model, None if the model has no such file."""
    return _core.read_model_file(os.fsencode(source), name)
