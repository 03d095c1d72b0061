# SPDX-License-Identifier: Apache-2.0
"""The code blocks of README.md and docs/*.md.

A block is a fence of a language, or an indented paragraph whose lines are commands `attnscope ...`. A fence `text`
directly below a block is what the block prints; `...` in it stands for anything. The comment
`<!-- not run: REASON -->` above a block says why it is not run.
"""

import pathlib
import re
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).parents[2]
RUN = ("python", "cpp", "sh")
SHOWN = ("text", "json", "cmake", "toml")  # what is no program

_FENCE = re.compile(r"^(`{3,}|:{3,})\s*(.*)$")
_NOT_RUN = re.compile(r"^<!-- not run: (.+) -->$")


@dataclass
class Block:
    page: str
    line: int  # of its first line of code, from 1
    language: str
    code: str
    not_run: str = ""
    expected: str | None = None  # what it prints

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks_of(path):
    page = path.relative_to(ROOT).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    blocks, reason, index = [], "", 0
    is_below_block = False  # nothing but blank lines since the last block
    while index < len(lines):
        line = lines[index]
        index += 1
        fence, mark = _FENCE.match(line), _NOT_RUN.match(line)
        if mark:
            reason = mark.group(1)
        elif fence and fence.group(1)[0] == "`":
            body = []
            first = index + 1
            while not lines[index].startswith(fence.group(1)):
                body.append(lines[index])
                index += 1
            index += 1
            language = fence.group(2)
            if language == "text" and is_below_block and blocks[-1].language in RUN:
                blocks[-1].expected = "\n".join(body)
            else:
                blocks.append(Block(page, first, language, "\n".join(body), reason))
            reason, is_below_block = "", True
        elif line.startswith("    attnscope "):
            body, first = [line.strip()], index
            while index < len(lines) and lines[index].startswith("    "):
                body.append(lines[index].strip())
                index += 1
            blocks.append(Block(page, first, "sh", "\n".join(body), reason))
            reason, is_below_block = "", True
        elif line.strip():
            reason, is_below_block = "", False
    return blocks


def all_blocks():
    blocks = [block for path in pages() for block in blocks_of(path)]
    for block in blocks:
        known = block.language in (*RUN, *SHOWN) or block.language.startswith("{")
        assert known, f"{block.name}: a fence of '{block.language}': expected one of {', '.join((*RUN, *SHOWN))}"
    return [block for block in blocks if block.language in RUN]


def matches(printed, expected):
    """Whether a program printed what the page says; blanks at the ends of lines do not count."""
    pattern = ".*".join(re.escape(part) for part in _trimmed(expected).split("..."))
    return re.fullmatch(pattern, _trimmed(printed), re.DOTALL) is not None


def _trimmed(text):
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
