# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the command line's tests."""

import subprocess

import numpy
import pytest
from run_command import run


@pytest.fixture
def arrays(attnscope, tiny_model, tmp_path):
    """What `attnscope run` writes for these arguments, by name."""

    def load(*arguments):
        run(attnscope, "-m", tiny_model, *arguments, "-o", tmp_path / "out.npz")
        with numpy.load(tmp_path / "out.npz", allow_pickle=False) as file:
            return dict(file)

    return load


@pytest.fixture(scope="session")
def has_demo(program):
    if subprocess.run([program, "inspect", "--json"], capture_output=True, check=False).returncode:
        pytest.skip("this build has no embedded model")
