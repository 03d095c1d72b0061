# SPDX-License-Identifier: Apache-2.0
"""One picture: SVG, and what is made of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from . import _core
from .errors import UnsupportedModel, UsageError, usage_error
from .figure_options import figure_options

SVG = "image/svg+xml"
# Endings of files.
PICTURES = (".svg", ".png", ".pdf", ".tex")
PAGES = (".html",)


class Figure:
    """A picture of attention. Notebooks show it; text in it stays text.

    svg: the picture. size: width and height in millimetres.
    Example: result.plot(layer=3, head=7, theme="paper").save("head.pdf")
    """

    def __init__(self, svg: str, options: dict[str, Any] | None = None, tikz: Callable[[], str] | None = None) -> None:
        self.svg = svg
        self._options = options or figure_options()
        self._tikz = tikz

    @property
    def size(self) -> tuple[float, float]:
        return _core.figure_size(self.svg)

    def to_png(self, dpi: float = 300) -> bytes:
        """Raises:  UnsupportedModel (NO_RENDERER) where neither the engine nor cairosvg can render."""
        if _core.can_render_figures():
            return _core.render_png(self.svg, dpi)
        # Both take the size from the SVG; cairosvg draws its millimetres at 96 dots an inch.
        return _cairosvg("PNG").svg2png(bytestring=self.svg.encode(), scale=dpi / 96)

    def to_pdf(self) -> bytes:
        """Raises:  as to_png."""
        if _core.can_render_figures():
            return _core.render_pdf(self.svg)
        return _cairosvg("PDF").svg2pdf(bytestring=self.svg.encode())

    def to_tikz(self) -> str:
        """A matrix as a tikzpicture, text in the document's font.

        Raises:  UsageError for another picture.
        """
        if self._tikz is None:
            raise usage_error(
                "FIGURE", "to_tikz", "TeX draws a matrix alone", "call plot(view='matrix'), or write .pdf"
            )
        return self._tikz()

    def to_latex(self, path: str) -> str:
        """A figure environment that includes the file of this picture, with its caption."""
        return _core.latex_snippet(path, self._options)

    def save(self, path: Any, dpi: float = 300) -> None:
        """Writes .svg, .png, .pdf, or .tex (of a matrix: to_tikz).

        Raises:  UsageError (OUT_ENDING) for another ending, StorageError, and as to_png and to_tikz.
        """
        ending = Path(os.fsdecode(path)).suffix.lower()
        if ending == ".png":
            data = self.to_png(dpi)
        elif ending == ".pdf":
            data = self.to_pdf()
        elif ending in (".svg", ".tex"):
            data = (self.svg if ending == ".svg" else self.to_tikz()).encode()
        else:
            raise ending_error(path, PICTURES)
        write_whole(path, data)

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {SVG: self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        width, height = self.size
        return f"Figure({width:.0f} x {height:.0f} mm)"


class Pictured:
    """What can be drawn, and written as a picture or a page."""

    def plot(self, *which: Any, **options: Any) -> Figure:
        raise NotImplementedError

    def to_html(self, **options: Any) -> str:
        raise NotImplementedError

    def to_svg(self, **options: Any) -> str:
        """plot(...).svg"""
        return self.plot(**options).svg

    def save(self, path: Any, **options: Any) -> None:
        """Writes .html (options as of to_html), or .svg, .png, .pdf, .tex (options as of plot, and dpi).

        Raises:  UsageError (OUT_ENDING) for another ending, StorageError with the system's reason.
        """
        ending = Path(os.fsdecode(path)).suffix.lower()
        if ending in PAGES:
            write_whole(path, self.to_html(**options).encode())
        elif ending in PICTURES:
            dpi = options.pop("dpi", 300)
            self.plot(**options).save(path, dpi)
        else:
            raise ending_error(path, (*PAGES, *PICTURES))


def write_whole(path: Any, data: bytes) -> None:
    """A file that appears under its name whole or not at all; an existing one is replaced.

    Raises:  StorageError with the system's reason.
    """
    _core.write_file(os.fsencode(path), data)


def ending_error(path: Any, endings: Iterable[str]) -> UsageError:
    name = os.fsdecode(path)
    hint = f"choose from {', '.join(endings)}"
    return usage_error("OUT_ENDING", name, f"unknown ending '{Path(name).suffix}'", hint)


def _cairosvg(kind: str) -> Any:
    try:
        import cairosvg
    except (ImportError, OSError) as error:  # OSError: the library cairo itself is not there
        message = f"{kind}: this build of attnscope writes SVG alone; pip install attnscope[figures] adds cairosvg"
        if isinstance(error, OSError):
            message += f", which needs the library cairo ({error})"
        raise UnsupportedModel(message, code="NO_RENDERER", what=f"{kind} cannot be rendered") from error
    return cairosvg
