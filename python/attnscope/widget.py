# SPDX-License-Identifier: Apache-2.0
"""The viewer as a widget, for notebooks with anywidget (pip install attnscope[notebook])."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from typing import Any

from . import _core
from .errors import AttnscopeError, UsageError


def has_anywidget() -> bool:
    return find_spec("anywidget") is not None


def make_widget(documents: list[Any], titles: list[str], at: str = "") -> Any:
    """The page, with its data as binary buffers and this program behind it.

    Raises: ImportError if anywidget is not installed.
    """
    if not has_anywidget():
        raise ImportError("widget: anywidget is not installed; pip install attnscope[notebook], or use to_html()")
    return _widget_class()(documents, titles, at)


def _index(documents: list[Any], titles: list[str], at: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The index of a page and what it names: bytes by id."""
    entries, parts = [], {}
    for number, (document, title) in enumerate(zip(documents, titles, strict=True)):
        ids = {name: f"{number}.{name}" for name in document.parts()}
        report = f"{number}.report"
        entries.append({"title": title, "report": report, "parts": ids})
        parts[report] = document.report.encode()
        parts |= {ids[name]: document.part(name) for name in ids}
    return {"documents": entries, "view": at}, parts


@cache
def _widget_class() -> Any:
    import anywidget
    import traitlets

    class AttentionWidget(anywidget.AnyWidget):
        """index: JSON as in a file; parts: what it names, bytes by id. Other parts are asked for by message."""

        _esm = _core.viewer_module()
        index = traitlets.Unicode().tag(sync=True)
        parts = traitlets.Dict().tag(sync=True)

        def __init__(self, documents: list[Any], titles: list[str], at: str) -> None:
            index, parts = _index(documents, titles, at)
            self._documents = documents
            super().__init__(index=json.dumps(index, ensure_ascii=False), parts=parts)
            self.on_msg(self._answer)

        def _answer(self, _: Any, content: Any, buffers: Any = ()) -> None:
            """{"kind": "part", "id", "document", "name"} -> the same with the bytes, or with "error"."""
            if not isinstance(content, dict) or content.get("kind") != "part":
                return
            reply = {name: content.get(name) for name in ("kind", "id", "document", "name")}
            try:
                data = self._documents[int(reply["document"])].part(str(reply["name"]))
            except (AttnscopeError, IndexError, TypeError, ValueError) as error:
                hint = error.hint if isinstance(error, UsageError) else ""
                self.send({**reply, "error": {"message": str(error), "hint": hint}})
            else:
                self.send(reply, [data])

    return AttentionWidget
