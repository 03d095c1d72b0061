# SPDX-License-Identifier: Apache-2.0
"""Markdown of the benchmarks: tables, facts about the machine, and the generated parts of a file."""

import re
from pathlib import Path

INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "sve")


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def cpu_field(*names):
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in names:
            return value.strip()
    return ""


def instruction_sets():
    flags = cpu_field("flags", "Features").split()
    return [name for name in INSTRUCTION_SETS if name in flags]


def processor():
    return f"{cpu_field('model name') or 'unknown'} ({', '.join(instruction_sets())})"


def ratio(numerator, denominator):
    """How many times faster the second is."""
    return f"{numerator.median_ms / denominator.median_ms:.2f}x" if numerator.valid and denominator.valid else "-"


def difference(result):
    return "-" if result.difference is None else f"{result.difference:.1e}"


def notes(reasons):
    """What is missing, and why: {name: reason}."""
    return "\n".join(f"- {name}: {reason}" for name, reason in reasons.items())


def replace_generated(path, name, text):
    """Writes `text` between the markers of that name; what people wrote outside of them stays."""
    begin, end = f"<!-- generated: {name} -->", f"<!-- end of generated: {name} -->"
    part = f"{begin}\n\n{text.strip()}\n\n{end}"
    old = path.read_text() if path.exists() else ""
    if begin in old and end in old:
        new = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: part, old, flags=re.DOTALL)
    else:
        new = f"{old.rstrip()}\n\n{part}\n".lstrip()
    path.write_text(new)
