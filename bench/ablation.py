# SPDX-License-Identifier: Apache-2.0
"""Every head of a classifier ablated alone, on one sentence: our scan against torch hooks and whole forwards."""

import sys

import report
from engines import end_all, start_all
from protocol import Result, compare, measure
from workloads import SCANNED, name_of

WORKLOAD = name_of(SCANNED)


def measure_scan(catalogue, options):
    """Results of "ours" and "hooked"."""
    kinds = catalogue.scans()
    engines, missing = start_all(kinds)
    entries = {key: (engine, WORKLOAD) for key, engine in engines.items()} if not missing else {}
    results = measure(entries, options)
    if entries:
        compare(entries, results, kinds, "hooked", catalogue.folder)
    end_all(engines)
    print("ablation scan done", file=sys.stderr)
    return {key: results.get(key, Result(reason=missing.get(key, "the other side is missing"))) for key in kinds}


def scan_report(pair):
    if not pair["ours"].valid:
        return ["### Ablation scan", "Left out:", report.notes({"scan": pair["ours"].reason})]
    header = ["batch x tokens", "HF sdpa with hooks, ms", "attnscope, ms", "faster by", "max difference of logits"]
    row = [WORKLOAD, pair["hooked"].cell(), pair["ours"].cell()]
    row += [report.ratio(pair["hooked"], pair["ours"]), report.difference(pair["ours"])]
    return ["### Ablation scan", "The logits of a classifier with each of 72 heads ablated alone:",
            report.table(header, [row])]  # fmt: skip
