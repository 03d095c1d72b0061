# SPDX-License-Identifier: Apache-2.0
"""Runs the Python blocks of one page, one after another in one namespace, as a program of its own.

    python_page.py BLOCKS.json RESULTS.json

A block that imports a package that is not there is skipped, and so is a later one that needs a name of it, or of one
that failed.
"""

import ast
import contextlib
import importlib.util
import io
import json
import sys
import traceback


def missing_packages(tree):
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module)
    return sorted({name for name in (name.split(".")[0] for name in names) if not importlib.util.find_spec(name)})


def names(tree, context):
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
    if context is ast.Store:
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
    return found


def run(block, namespace, without):
    """(outcome, text); `without` are the names of blocks that did not run, with the reason."""
    where = f"{block['page']}:{block['line']}"
    tree = ast.parse("\n" * (block["line"] - 1) + block["code"], where)
    missing = missing_packages(tree)
    own = names(tree, ast.Store)
    needed = sorted((names(tree, ast.Load) - own - namespace.keys()) & without.keys())
    reason = f"{', '.join(missing)} is not installed" if missing else without[needed[0]] if needed else ""
    if reason:
        without.update(dict.fromkeys(own - namespace.keys(), reason))
        return "skipped", reason
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, where, "exec"), namespace)
    except Exception:
        without.update(dict.fromkeys(own - namespace.keys(), f"{where} failed"))
        return "failed", printed.getvalue() + traceback.format_exc()
    return "passed", printed.getvalue()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        blocks = json.load(file)
    namespace, without = {"__name__": "__main__"}, {}
    results = [run(block, namespace, without) for block in blocks]
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main()
