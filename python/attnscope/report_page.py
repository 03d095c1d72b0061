# SPDX-License-Identifier: Apache-2.0
"""A report as HTML: its picture and its rows, without scripts."""

from __future__ import annotations

import html
import math
from typing import Any

from .notebook_html import image

_STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:24px;color:#111;background:#fff}h1{font-size:20px}"
    "table{border-collapse:collapse;margin-top:16px}th,td{padding:2px 10px;text-align:left}"
    "th{border-bottom:1px solid #767676}td{font-variant-numeric:tabular-nums}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_CELL_ROWS = 20  # in a notebook


def report_page(title: str, svg: str, rows: list[dict[str, Any]]) -> str:
    """One file that asks no network."""
    name = html.escape(title)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{name}</h1>\n{image(svg, title)}\n{_table(rows)}</body></html>\n"
    )


def report_cell(title: str, svg: str, rows: list[dict[str, Any]]) -> str:
    """For a notebook: the first rows."""
    more = len(rows) - _CELL_ROWS
    rest = f"<p>and {more} more: .rows, or .to_frame()</p>" if more > 0 else ""
    return f"<div>{image(svg, title)}{_table(rows[:_CELL_ROWS])}{rest}</div>"


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{html.escape(name.replace("_", " "))}</th>' for name in rows[0])
    body = "".join(f"<tr>{''.join(_cell(value) for value in row.values())}</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return f"<td>{'' if value is None else 'yes' if value else 'no'}</td>"
    if isinstance(value, float):
        return f'<td style="text-align:right">{"" if math.isnan(value) else format(value, ".4f")}</td>'
    if isinstance(value, int):
        return f'<td style="text-align:right">{value}</td>'
    return f'<td dir="auto">{html.escape(str(value))}</td>'
