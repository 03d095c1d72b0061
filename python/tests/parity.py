# SPDX-License-Identifier: Apache-2.0
"""What it means that two results are equal: types, names, shapes, dtypes, and values within a tolerance."""

import numpy as np
import torch

TOLERANCE = 1e-5


def assert_same(ours, theirs, keep=None, place="result"):
    """Compares nested results. `keep` [batch, seq] marks the real tokens: elsewhere ours is 0, theirs is anything."""
    if theirs is None or isinstance(theirs, (str, int, float, bool)):
        assert ours == theirs, place
    elif isinstance(theirs, torch.Tensor):
        assert_same_tensor(ours, theirs, keep, place)
    elif isinstance(theirs, dict):
        assert type(ours).__name__ == type(theirs).__name__, place
        assert list(ours) == list(theirs), place
        for name in theirs:
            assert_same(ours[name], theirs[name], keep, f"{place}.{name}")
    else:
        assert type(ours) is type(theirs) and len(ours) == len(theirs), place
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            assert_same(mine, other, keep, f"{place}[{index}]")


def assert_same_tensor(ours, theirs, keep, place):
    assert tuple(ours.shape) == tuple(theirs.shape), f"{place}: {ours.shape}, expected {theirs.shape}"
    mine, other = np.asarray(ours), theirs.detach().numpy()
    assert mine.dtype == other.dtype, place
    real = real_values(theirs.shape, keep)
    assert np.array_equal(np.isnan(mine), np.isnan(other)), place  # a loss over nothing
    real &= ~np.isnan(other)
    scale = max(1.0, np.abs(other[real]).max(initial=0))
    assert np.abs(mine[real].astype(np.float64) - other[real]).max(initial=0) <= TOLERANCE * scale, place
    assert not np.nan_to_num(mine)[~real].any(), f"{place}: padding is not 0"


def real_values(shape, keep):
    """Which values of [batch, seq, ...] or [batch, head, query, key] belong to real tokens."""
    real = np.ones(tuple(shape), dtype=bool)
    if keep is None or shape[0] != keep.shape[0]:
        return real
    if len(shape) == 4 and shape[2] == shape[3] == keep.shape[1]:
        return real & keep[:, None, :, None] & keep[:, None, None, :]
    if len(shape) >= 2 and shape[1] == keep.shape[1]:
        return real & keep.reshape(*keep.shape, *[1] * (len(shape) - 2))
    return real
