# SPDX-License-Identifier: Apache-2.0
"""HTML for cells of notebooks, which are shown with scripts, without them, or by a site that strips most of it."""

from __future__ import annotations

import base64
import html

# Sites that strip frames strip style sheets too: then, and only then, the picture shows.
_FALLBACK = "attnscope-still"


def framed(page: str, height: int, svg: str, title: str) -> str:
    """A page in a frame of its own, where its scripts run and reach nothing outside; else its picture."""
    return (
        f"<style>.{_FALLBACK}{{display:none}}</style>"
        f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts" title="{html.escape(title)}" '
        f'style="width:100%;height:{height}px;border:0"></iframe>'
        f'<div class="{_FALLBACK}">{image(svg, title)}</div>'
    )


def image(svg: str, title: str) -> str:
    """A picture that survives where SVG elements are stripped."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(title)}" src="data:image/svg+xml;base64,{data}">'
