# SPDX-License-Identifier: Apache-2.0
"""Parity of the built programs with Hugging Face. Run by pytest; ATTNSCOPE_BUILD_DIR says where the programs are."""

import os

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


@pytest.fixture(scope="session", autouse=True)
def quiet_and_exact():
    """No progress bars, no gradients; one thread, because most models here are tiny and machines are shared."""
    from oracle_models import torch, transformers

    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
