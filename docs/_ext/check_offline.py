# SPDX-License-Identifier: Apache-2.0
"""Fails if a page of a built site loads anything from elsewhere: check_offline.py FOLDER."""

import pathlib
import re
import sys
from html.parser import HTMLParser

_REMOTE = re.compile(r"^(https?:)?//", re.IGNORECASE)
_IN_STYLE = re.compile(r"""(?:url\(|@import)\s*['"]?((?:https?:)?//[^'")\s]+)""", re.IGNORECASE)
_NOT_LOADED = {"canonical", "author", "license", "next", "prev", "index", "search"}


class _Page(HTMLParser):
    """Collects what a browser loads for a page; links that a reader may follow are not among it."""

    def __init__(self):
        super().__init__()
        self.loaded = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "link" and not set((given.get("rel") or "").split()) & _NOT_LOADED:
            self.loaded.append(given.get("href") or "")
        if tag != "a":
            self.loaded += [given.get(name) or "" for name in ("src", "srcset", "data", "poster")]
        self.loaded += _IN_STYLE.findall(given.get("style") or "")


def remote_of(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        return _IN_STYLE.findall(text)
    page = _Page()
    page.feed(text)
    return [address for address in page.loaded if _REMOTE.match(address)]


def main(folder):
    files = [path for path in sorted(pathlib.Path(folder).rglob("*")) if path.suffix in (".html", ".css")]
    if not files:
        raise SystemExit(f"{folder}: no pages")
    found = [f"{path}: loads {address}" for path in files for address in remote_of(path)]
    if found:
        raise SystemExit("\n".join(found))
    print(f"offline: {len(files)} pages and style sheets load nothing from elsewhere")


if __name__ == "__main__":
    main(sys.argv[1])
