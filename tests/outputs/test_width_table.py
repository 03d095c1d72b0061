# SPDX-License-Identifier: Apache-2.0
"""The width table of the terminal pictures equals Python's Unicode data.

`python test_width_table.py --write` writes the table anew.
"""

import pathlib
import sys
import unicodedata

import pytest

TABLE = pathlib.Path(__file__).parents[2] / "src" / "outputs" / "width_table.h"
UNICODE = "14.0.0"


def width(code):
    """0, 1 or 2 cells; None for unassigned, which may stand inside a range."""
    character = chr(code)
    category = unicodedata.category(character)
    if category == "Cn":
        return None
    if category in ("Mn", "Me", "Cf") and code != 0xAD:
        return 0
    if 0x1160 <= code <= 0x11FF:  # Hangul vowels and finals join the initial before them
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def ranges(wanted):
    found = []
    open_range = False
    for code in range(0x300, 0x110000):
        cells = width(code)
        if cells == wanted:
            if open_range:
                found[-1][1] = code
            else:
                found.append([code, code])
                open_range = True
        elif cells is not None:
            open_range = False
    return found


def array(name, comment, found):
    cells = [f"{{0x{first:X}, 0x{last:X}}}," for first, last in found]
    lines = ["    " + " ".join(cells[i : i + 5]) for i in range(0, len(cells), 5)]
    return f"/// {comment}\ninline constexpr CodeRange {name}[] = {{\n" + "\n".join(lines) + "\n};\n"


def table():
    return (
        "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n\n"
        f"// Unicode {UNICODE}; written by tests/outputs/test_width_table.py, which also checks it.\n"
        "// clang-format off\nnamespace attnscope {\n\n"
        "struct CodeRange {\n  char32_t first;\n  char32_t last;\n};\n\n"
        + array("kZeroWidth", "Marks, format characters, and Hangul vowels and finals.", ranges(0))
        + "\n"
        + array("kDoubleWidth", "East Asian wide and fullwidth characters.", ranges(2))
        + "\n}  // namespace attnscope\n// clang-format on\n"
    )


@pytest.mark.skipif(unicodedata.unidata_version != UNICODE, reason=f"this Python's Unicode is not {UNICODE}")
def test_the_width_table_equals_the_unicode_data():
    assert TABLE.read_text() == table()


if __name__ == "__main__" and "--write" in sys.argv:
    TABLE.write_text(table())
