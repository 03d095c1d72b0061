# SPDX-License-Identifier: Apache-2.0
"""`attnscope bench`: what it reports. How fast it is depends on the machine and is no test."""

import json

import pytest

D, H = 240, 600  # of the embedded model: width, and that of its feed-forward layers


def test_reports_each_size_with_its_parts(attnscope):
    result = json.loads(attnscope("bench", "--sizes", "1x9,2x17", "--threads", "1", "--json").stdout)
    assert [(size["texts"], size["tokens"]) for size in result["sizes"]] == [(1, 9), (2, 17)]
    assert result["product_gflops"] > 0
    for size in result["sizes"]:
        assert 0 < size["fastest_ms"] <= size["median_ms"] <= size["slowest_ms"]
        parts = [size[f"{part}_ms"] for part in ("products", "attention", "norms", "activations", "embeddings", "other")]
        assert all(part >= 0 for part in parts)
        assert sum(parts) <= 1.5 * size["slowest_ms"]
    # 6 layers: the products of a token take 2 (4 D^2 + 2 D H) operations,
    # a pair of tokens 4 D.
    assert result["sizes"][0]["gflop"] == pytest.approx(6e-9 * (9 * 2 * (4 * D**2 + 2 * D * H) + 81 * 4 * D), rel=1e-6)


def test_prints_a_markdown_table(attnscope):
    lines = attnscope("bench", "--sizes", "1x9").stdout.splitlines()
    assert lines[0].startswith("attnscope ")
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 3
    assert len({line.count("|") for line in table}) == 1


@pytest.mark.parametrize("sizes", ["8", "0x9", "1x0", "1x9,", "1x100000", "axb", "1x-3"])
def test_refuses_sizes_that_cannot_be(attnscope, sizes):
    result = attnscope("bench", "--sizes", sizes)
    assert result.returncode == 2
    assert "--sizes" in result.stderr
