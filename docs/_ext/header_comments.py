# SPDX-License-Identifier: Apache-2.0
"""Reads the `///` comments of the public headers: fields (STYLE: Shapes, Returns, Throws, ...) and examples.

As a program it is Doxygen's input filter: it prints a header in a form from which Doxygen makes paragraphs and code
blocks. The tests import it, so that the code that is shown and the code that is compiled are the same.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

_LABELS = "Shapes|Units|Rules|Returns|Throws|Cost|Threads|Source|Example"
_FIELD = re.compile(rf"(?:^|(?<=[.;)]) +)({_LABELS}):(?: +|$)")
_COMMENT = re.compile(r"^( *)///(?!<) ?(.*)$")
_PRIVATE = "// private to the library"


class Field(NamedTuple):
    """A part of a comment; the label of the text before the first field is empty."""

    label: str
    line: int  # of the file, from 1
    lines: list[str]


def _split(line: str) -> list[tuple[str | None, str]]:
    """(label, rest) of each field that begins in the line; a first label of None goes on with what was before."""
    parts: list[tuple[str | None, str]] = []
    label, start = None, 0
    for match in _FIELD.finditer(line):
        if label is not None or line[: match.start()].strip():
            parts.append((label, line[start : match.start()]))
        label, start = match.group(1), match.end()
        if label == "Example":  # code may hold anything
            break
    return [*parts, (label, line[start:])]


def fields_of(comment: list[str], first_line: int) -> list[Field]:
    """The fields of the lines of one comment, without their slashes."""
    fields = [Field("", first_line, [])]
    for number, line in enumerate(comment, first_line):
        for label, rest in _split(line):
            if label is not None:
                fields.append(Field(label, number, [rest] if rest else []))
            elif fields[-1].label and not line.startswith("  ") and _is_finished(fields[-1]):
                fields.append(Field("", number, [rest]))
            else:
                fields[-1].lines.append(rest)
    return [field for field in fields if any(line.strip() for line in field.lines)]


def _is_finished(field: Field) -> bool:
    return field.label == "Example" or not field.lines or field.lines[-1].rstrip().endswith(".")


def comments_of(lines: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """(first line, indentation, text lines) of every `///` comment that stands on lines of its own."""
    block: list[str] = []
    first = indentation = 0
    for number, line in enumerate([*lines, ""], 1):
        match = _COMMENT.match(line)
        if match:
            if not block:
                first, indentation = number, len(match.group(1))
            block.append(match.group(2))
        elif block:
            yield first, indentation, block
            block = []


def code_of(field: Field) -> str:
    """The statements of an Example, complete with their last semicolon."""
    lines = [line for line in field.lines if line.strip()]
    beside_label = [] if lines[0].startswith(" ") else [lines.pop(0)]
    code = "\n".join([*beside_label, *textwrap.dedent("\n".join(lines)).splitlines()])
    bare = re.sub(r" *//.*$", "", code).rstrip()
    return code if bare.endswith((";", "}")) else code.replace(bare, bare + ";", 1)


def examples_of(text: str) -> list[tuple[int, str]]:
    """(line, code) of every Example of a header."""
    return [
        (field.line, code_of(field))
        for first, _, comment in comments_of(text.splitlines())
        for field in fields_of(comment, first)
        if field.label == "Example"
    ]


def _prose(line: str) -> str:
    """What Doxygen would take for commands and emphasis, as text."""
    line = line.strip().replace("\\", "\\\\")
    return re.sub(r"(?<![`\w])(__\w+__)(?![`\w])", r"`\1`", line)


def _rendered(fields: list[Field]) -> Iterator[str]:
    for number, field in enumerate(fields):
        if number:
            yield ""
        if field.label == "Example":
            yield from ("**Example:**", "\\code{.cpp}", *code_of(field).splitlines(), "\\endcode")
            continue
        text = [_prose(line) for line in field.lines]
        yield from ([f"**{field.label}:** {text[0]}", *text[1:]] if field.label else text)


def for_doxygen(text: str) -> str:
    """The header with comments that Doxygen understands, without what is private or does not help a reader."""
    lines = text.splitlines()
    for first, indentation, comment in comments_of(lines):
        new = [f"{' ' * indentation}/// {line}".rstrip() for line in _rendered(fields_of(comment, first))]
        lines[first - 1 : first - 1 + len(comment)] = ["\n".join(new), *[""] * (len(comment) - 1)]
    kept, in_private = [], False
    for line in lines:
        if _PRIVATE in line:
            in_private = True
            continue
        if in_private and line.lstrip().startswith("explicit "):
            in_private = False
            continue
        kept.append(line.replace("[[nodiscard]] ", ""))
    return "\n".join(line for line in kept if line) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as header:
        sys.stdout.write(for_doxygen(header.read()))
