# SPDX-License-Identifier: Apache-2.0
"""Turns the docstrings of the Python package into reStructuredText.

A line `Raises: ...` or `layers, heads: ...` begins a field, lines indented below it belong to it; Example is code.
"""

from __future__ import annotations

import re
import textwrap

_FIELD = re.compile(r"^([A-Z][a-z]*|[a-z_]+(?:, [a-z_]+)*):(?: +|$)(.*)$")


def _escaped(line: str) -> str:
    """Text with what reStructuredText would take for emphasis and links escaped; `code` stays code."""
    parts = re.split(r"(`[^`]*`)", line)
    return "".join(
        f"``{part[1:-1]}``" if part.startswith("`") and len(part) > 2 else re.sub(r"([*|\\]|_(?=\W|$))", r"\\\1", part)
        for part in parts
    )


def _code_block(lines: list[str]) -> list[str]:
    return ["", ".. code-block:: python", "", *(f"   {line}" for line in lines), ""]


def _field(label: str, first: str, more: list[str]) -> list[str]:
    if label == "Example":
        beside = [first] if first else []
        return _code_block([*beside, *textwrap.dedent("\n".join(more)).splitlines()])
    term = f"**{label}**" if len(label) > 1 and label[0].isupper() else ", ".join(f"``{name}``" for name in label.split(", "))
    text = [line.strip() for line in (first, *more) if line.strip()]
    return ["", term, *(f"   {_escaped(line)}" for line in text), ""]


def to_rst(lines: list[str]) -> list[str]:
    """Paragraphs, fields as a definition list, examples and other indented lines as code."""
    result: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        match = _FIELD.match(line)
        index += 1
        if not match and not line.startswith(" "):
            result.append(_escaped(line))
            continue
        more = []
        while index < len(lines) and (lines[index].startswith(" ") or _is_gap(lines, index)):
            more.append(lines[index])
            index += 1
        if match:
            result += _field(match.group(1), match.group(2), more)
        else:
            result += _code_block(textwrap.dedent("\n".join([line, *more])).splitlines())
    return result


def _is_gap(lines: list[str], index: int) -> bool:
    """A blank line inside indented lines."""
    return not lines[index].strip() and index + 1 < len(lines) and lines[index + 1].startswith(" ")


def process(_app, _what, _name, _object, _options, lines: list[str]) -> None:
    """Sphinx's autodoc-process-docstring."""
    lines[:] = to_rst(lines)


def hide_constructor(_app, what, _name, _object, _options, signature, returns):
    """Sphinx's autodoc-process-signature: objects come from functions and classmethods, never from a constructor."""
    return ("", None) if what in ("class", "exception") else (signature, returns)


def setup(app):
    app.connect("autodoc-process-docstring", process)
    app.connect("autodoc-process-signature", hide_constructor)
    return {"parallel_read_safe": True}
