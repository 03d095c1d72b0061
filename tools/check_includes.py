#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks who includes whom: the table of allowed directions, and public headers that include only public ones.

Prints each offending line as file:line, and exits with 1 if there is one.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')

# Folder of src/ -> folders of src/ it may include. Public headers may be included by all.
ALLOWED = {
    "core": set(),
    "checkpoint": {"core"},
    "tokenizer": {"core", "checkpoint"},
    "kernels": set(),
    "nn": {"core", "kernels", "checkpoint"},
    "families": {"core", "nn", "checkpoint"},
    "engine": {"core", "families", "tokenizer", "checkpoint", "nn", "kernels"},
    "gradients": {"core", "nn", "families", "engine", "kernels"},
    "analysis": {"core"},
    "probe": {"core", "engine", "gradients", "analysis"},
    "outputs": {"core", "analysis"},
    "viewer": {"core", "outputs"},
    "serve": {"core", "outputs"},
}
# Third-party headers that belong to one place only.
HOMES = {
    "oneapi/dnnl": ["src/nn/library_product.cpp", "src/nn/gemm.cpp", "bench/"],
    "hwy/": ["src/kernels/"],
    "simdjson": ["src/core/"],
    "zlib.h": ["src/outputs/"],
    "librsvg/": ["src/outputs/raster.cpp"],
    "cairo": ["src/outputs/raster.cpp"],
    "boost/": ["src/serve/"],
    "CLI/": ["cli/"],
    "nanobind/": ["python/src/"],
}
USERS = ("cli", "examples", "bench", "python")


def folder_of(include: str) -> str:
    return include.split("/")[0]


def problem_of(path: Path, include: str) -> str | None:
    relative = path.relative_to(ROOT)
    top = relative.parts[0]
    for prefix, homes in HOMES.items():
        if include.startswith(prefix) and not any(str(relative).startswith(home) for home in homes):
            return f"<{include}> belongs to {', '.join(homes)}"
    is_ours = folder_of(include) in ALLOWED and (ROOT / "src" / include).exists()
    if top == "include" and is_ours:
        return "a public header includes a private one"
    if top in USERS and is_ours and not (top == "bench" and folder_of(include) in ("kernels", "nn")):
        return f"{top}/ may include attnscope/ headers only"
    if top == "src" and is_ours:
        folder = relative.parts[1]
        if folder_of(include) not in ALLOWED[folder] | {folder}:
            return f"src/{folder} may not include {folder_of(include)}"
    return None


def sources() -> list[Path]:
    tops = ("include", "src", *USERS)
    return sorted(p for top in tops for p in (ROOT / top).rglob("*") if p.suffix in (".h", ".cpp", ".inc"))


def main() -> int:
    failures = 0
    for path in sources():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = INCLUDE.match(line)
            problem = problem_of(path, match.group(1)) if match else None
            if problem:
                print(f"{path.relative_to(ROOT)}:{number}: {problem}")
                failures += 1
    print(f"include directions: {len(sources())} files, {failures} problems")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
