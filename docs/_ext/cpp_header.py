# SPDX-License-Identifier: Apache-2.0
"""The directive `cpp-header`: everything that a public header declares, in its order, by Breathe.

From Doxygen's XML, so that a new declaration is on the page without a change of the page.
"""

from __future__ import annotations

import pathlib
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

_OPTIONS = {"class": (":members:", ":undoc-members:"), "struct": (":members:", ":undoc-members:")}
_KINDS = ("class", "struct", "enum", "function", "typedef")


class Declaration(NamedTuple):
    line: int
    kind: str
    name: str  # of functions with the arguments, which tell overloads apart


def _line_in(element: ElementTree.Element, header: str) -> int | None:
    """The line of a declaration, None if it is in another file."""
    location = element.find("location")
    assert location is not None
    file = location.get("declfile") or location.get("file", "")
    return int(location.get("declline") or location.get("line", 0)) if pathlib.Path(file).name == header else None


def declarations(xml: pathlib.Path, header: str) -> list[Declaration]:
    """The types and functions of a header in the order of its lines; members of types are not among them."""
    found = []
    for compound in ElementTree.parse(xml / "index.xml").iterfind("compound"):
        kind = compound.get("kind")
        if kind not in ("class", "struct", "namespace"):
            continue
        definition = ElementTree.parse(xml / f"{compound.get('refid')}.xml").find("compounddef")
        assert definition is not None
        if definition.get("prot") == "private":
            continue
        name = definition.findtext("compoundname", "")
        if kind == "namespace":
            for member in definition.iterfind("sectiondef/memberdef"):
                line = _line_in(member, header)
                arguments = member.findtext("argsstring", "") if member.get("kind") == "function" else ""
                if line is not None and member.get("kind") in _KINDS:
                    member_name = f"{name}::{member.findtext('name')}{arguments}"
                    found.append(Declaration(line, member.get("kind", ""), member_name))
        else:
            line = _line_in(definition, header)
            if line is not None:
                found.append(Declaration(line, str(kind), name))
    return sorted(found)


class CppHeader(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        project = self.config.breathe_default_project
        found = declarations(pathlib.Path(self.config.breathe_projects[project]), self.arguments[0])
        if not found:
            raise self.error(f"{self.arguments[0]} declares nothing")
        lines = []
        for declaration in found:
            options = _OPTIONS.get(declaration.kind, ())
            lines += [f"```{{doxygen{declaration.kind}}} {declaration.name}", *options, "```", ""]
        node = nodes.Element()
        self.state.nested_parse(StringList(lines, self.env.docname), self.content_offset, node)
        return node.children


def setup(app):
    app.add_directive("cpp-header", CppHeader)
    return {"parallel_read_safe": True}
