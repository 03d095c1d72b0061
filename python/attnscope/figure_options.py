# SPDX-License-Identifier: Apache-2.0
"""How a picture looks: sizes, colours and texts, as the engine takes them."""

from __future__ import annotations

import re
from typing import Any

from .errors import usage_error
from .runtime import __version__

THEMES = ("light", "dark", "paper")
PALETTES = ("cividis", "viridis", "paper")
SCALES = ("sqrt", "linear", "log")
RANGES = ("max", "unit", "p99")

_MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72}
_POINTS = {unit: millimetres * 72 / 25.4 for unit, millimetres in _MILLIMETRES.items()}
_EXAMPLES = {"mm": "84mm", "pt": "7pt"}
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*([a-z]*)\s*")


def figure_options(
    *, width: str | float = "84mm", font_size: str | float = "7pt", theme: str = "light", palette: str = "",
    scale: str = "sqrt", range: str = "max", title: str = "", caption: str = "",
    metadata: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The options of a figure, checked. A number of width counts millimetres, of font_size points.

    Raises:  UsageError (FIGURE) that names the option.
    """
    about = {name: str(value) for name, value in (metadata or {}).items() if value not in (None, "")}
    return {
        "width_mm": _length(width, "width", "mm", _MILLIMETRES),
        "font_size_pt": _length(font_size, "font_size", "pt", _POINTS),
        "theme": _choice(theme, "theme", THEMES),
        "palette": palette and _choice(palette, "palette", PALETTES),
        "scale": _choice(scale, "scale", SCALES),
        "range": _choice(range, "range", RANGES),
        "title": title,
        "caption": caption,
        "metadata": {**about, "version": f"attnscope {__version__}"},
    }


def _length(given: str | float, name: str, default: str, units: dict[str, float]) -> float:
    """A length in the unit `default`."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return float(given)
    match = _LENGTH.fullmatch(str(given))
    unit = (match.group(2) or default) if match else ""
    if match is None or unit not in units:
        hint = f"give a number and a unit, such as '{_EXAMPLES[default]}'; units: {', '.join(units)}"
        raise usage_error("FIGURE", name, f"{given!r} is no length", hint)
    return float(match.group(1)) * units[unit]


def _choice(given: str, name: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise usage_error("FIGURE", name, f"'{given}'", f"choose from {', '.join(known)}")
    return given
