# SPDX-License-Identifier: Apache-2.0
"""What include/attnscope/model.h says of the statistics of attention weights, by numpy in float64."""

import numpy as np


def expected_statistics(weights, tokens, rows):
    """Of weights [layers, heads, T, T]: {name: [layers, heads, rows]}, in the order of all_statistics()."""
    p = np.asarray(weights, dtype=np.float64)
    n = p.shape[-1]
    query, key = np.arange(n)[:, None], np.arange(n)[None, :]

    def on(chosen):
        return (p * chosen).sum(-1)

    all_rows = {
        "entropy": -(p * np.log(np.where(p > 0, p, 1))).sum(-1),
        "max": p.max(-1),
        "distance": (p * abs(query - key)).sum(-1),
        "self": on(query == key),
        "previous": on(key == query - 1),
        "next": on(key == query + 1),
        "cls": on(np.asarray(tokens) == "[CLS]"),
        "sep": on(np.asarray(tokens) == "[SEP]"),
        "punctuation": on(np.isin(tokens, [".", ",", "!", "?"])),
    }
    return {name: values[..., rows] for name, values in all_rows.items()}


def expected_received(weights, rows):
    """[layers, heads, T]: what each key gets from the rows."""
    return np.asarray(weights, dtype=np.float64)[:, :, rows].sum(2)


def expected_top(weights, rows, k):
    """(weights, keys) [layers, heads, rows, k]: the largest first, of equal ones the earlier."""
    chosen = np.asarray(weights)[:, :, rows]
    keys = np.argsort(-chosen, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(chosen, keys, axis=-1), keys
