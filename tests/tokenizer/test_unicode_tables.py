# SPDX-License-Identifier: Apache-2.0
"""The committed Unicode tables are what the installed wheel says."""

import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("tokenizers", reason="the tokenizers wheel is not installed")

GENERATOR = pathlib.Path(__file__).resolve().parents[2] / "tools" / "unicode" / "generate.py"


def test_tables_are_those_of_the_wheel():
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
