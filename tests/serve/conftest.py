# SPDX-License-Identifier: Apache-2.0
"""Servers for the tests: the program itself, and the same with other limits."""

import os
import pathlib

import pytest
from serve_client import Server

PROBE = pathlib.Path(os.environ.get("ATTNSCOPE_BUILD_DIR", "build/release"), "tests/serve/serve_probe")


@pytest.fixture(scope="session")
def serve_probe():
    path = pathlib.Path(__file__).parents[2] / PROBE
    if not path.exists():
        pytest.skip(f"{path} is not built: this build has no server")
    return path


@pytest.fixture(scope="session")
def serving(program, serve_probe):
    """serving("--port", "0"): a server of the program, to be used in a `with` block."""
    return lambda *arguments: Server([program, "serve", *arguments])


@pytest.fixture(scope="session")
def limited(serve_probe):
    """The same with other limits: see serve_probe.cpp."""
    return lambda *arguments: Server([serve_probe, *map(str, arguments)])


@pytest.fixture(scope="session")
def server(serving):
    """One server for all tests that leave it as it was."""
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def document(server):
    """Path of the document that the server begins with."""
    return "/api/documents/" + server.get("/api/model").json["first"]
