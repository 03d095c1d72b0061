# SPDX-License-Identifier: Apache-2.0
"""The reference names everything that is public; comments of headers and docstrings become what their authors meant."""

import ast
import re
import sys

import pytest
from snippets import ROOT

sys.path.insert(0, str(ROOT / "docs/_ext"))
from header_comments import examples_of, for_doxygen
from python_docstrings import to_rst


def public_names(package):
    """The names that the __init__.py of a package hands out, without importing it."""
    for node in ast.parse((ROOT / "python" / package / "__init__.py").read_text()).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if getattr(target, "id", None) == "_HOMES":
            return {name for names in ast.literal_eval(node.value).values() for name in names}
    raise AssertionError("no _HOMES in __init__.py")


@pytest.mark.parametrize(
    "page, package", [("reference_python", "attnscope"), ("reference_analysis", "attnscope/analysis")]
)
def test_python_reference_has_every_public_name(page, package):
    text = (ROOT / f"docs/{page}.md").read_text()
    name = package.replace("/", r"\.")
    assert set(re.findall(rf"^\.\. auto\w+:: {name}\.(\w+)(?:\(\))?$", text, re.MULTILINE)) == public_names(package)


def test_cpp_reference_has_every_public_header():
    page = (ROOT / "docs/reference_cpp.md").read_text()
    headers = {path.name for path in (ROOT / "include/attnscope").glob("*.h")} - {"attnscope.h"}
    assert set(re.findall(r"^```\{cpp-header\} (\S+)$", page, re.MULTILINE)) == headers


def test_example_is_taken_with_its_line_from_beside_and_below_the_label():
    header = (
        "/// One.  Example: f(1)  // first\nint f(int);\n/// Two.\n/// Example:\n///   g();\n///     h();\nint g();\n"
    )
    assert examples_of(header) == [(1, "f(1);  // first"), (4, "g();\n  h();")]


def test_fields_become_paragraphs_and_private_parts_go():
    header = (
        "/// A thing.\n/// Shapes: [n].  Returns: `x`, which\n/// is more.\n/// And text.\n"
        "class A {\n  struct Impl;  // private to the library\n  explicit A(Impl* impl);\n"
        "  [[nodiscard]] int b();\n};\n"
    )
    assert for_doxygen(header) == (
        "/// A thing.\n///\n/// **Shapes:** [n].\n///\n/// **Returns:** `x`, which\n/// is more.\n///\n/// And text.\n"
        "class A {\n  int b();\n};\n"
    )


def test_docstring_fields_become_a_definition_list_and_examples_code():
    fields = ["layers, heads: which", "    they are", "Raises:  UsageError", "Example: f(*a)"]
    assert to_rst(["Does `x` with **y**.", "", *fields]) == [
        "Does ``x`` with \\*\\*y\\*\\*.", "", "", "``layers``, ``heads``", "   which", "   they are", "",
        "", "**Raises**", "   UsageError", "", "", ".. code-block:: python", "", "   f(*a)", "",
    ]  # fmt: skip
