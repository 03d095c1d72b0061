# SPDX-License-Identifier: Apache-2.0
"""Reads a page that `attnscope export` wrote, as a browser would."""

import base64
import hashlib
import html.parser
import json
import zlib

import numpy

DTYPES = {"F32": "<f4", "U8": "u1", "U16": "<u2"}


class Elements(html.parser.HTMLParser):
    """Tags with their attributes and, of scripts, styles and the title, their text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.raw = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style", "title"):
            self.raw.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        if tag in ("script", "style", "title"):
            self.raw.append(["", {}, ""])

    def handle_data(self, data):
        if self.raw and self.raw[-1][0]:
            self.raw[-1][2] += data


def tensors(data):
    """Arrays of a safetensors file by name; its data begin at a multiple of 64 bytes."""
    length = int.from_bytes(data[:8], "little")
    assert (8 + length) % 64 == 0
    body = data[8 + length :]
    found = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        begin, end = entry["data_offsets"]
        found[name] = numpy.frombuffer(body[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return found


class Page:
    def __init__(self, path):
        self.text = path.read_bytes().decode("utf-8")
        elements = Elements(self.text)
        self.tags = elements.tags
        self.scripts = [(attrs, text) for tag, attrs, text in elements.raw if tag == "script"]
        self.styles = [text for tag, _, text in elements.raw if tag == "style"]
        self.title = next(text for tag, _, text in elements.raw if tag == "title")
        self.index = json.loads(self.block("attnscope-index"))
        self.module = self.bytes_of("attnscope-module")

    def block(self, name):
        (found,) = [text for attrs, text in self.scripts if attrs.get("id") == name]
        return found

    def bytes_of(self, name):
        return zlib.decompress(base64.b64decode(self.block(name), validate=True))

    def report(self, document=0):
        return json.loads(self.bytes_of(self.index["documents"][document]["report"]))

    def part(self, name, document=0):
        return tensors(self.bytes_of(self.index["documents"][document]["parts"][name]))

    @property
    def policy(self):
        """The directives of the policy, which stands before all that it judges."""
        (content,) = [
            attrs["content"] for tag, attrs in self.tags if attrs.get("http-equiv") == "Content-Security-Policy"
        ]
        assert self.text.index("http-equiv") < min(
            self.text.index(mark) for mark in ("<style", "<script", "<link", "<title")
        )
        return {directive.split()[0]: directive.split()[1:] for directive in content.split(";")}

    @property
    def runnable(self):
        """Scripts that a browser runs: the ones without a type, and the module that they insert."""
        return [text for attrs, text in self.scripts if "type" not in attrs] + [self.module.decode()]


def hash_source(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
