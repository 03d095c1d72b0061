# SPDX-License-Identifier: Apache-2.0
"""Part of the attention weights: our request against a forward hook on Hugging Face's attention module."""

import sys
from dataclasses import dataclass

import report
from engines import end_all, start_all
from protocol import Result, compare, measure


@dataclass(frozen=True)
class Selection:
    name: str
    request: str  # as for attention_worker.cpp
    workload: str = "1x128"
    comparable: bool = True  # both sides hand out the same array


SELECTIONS = (
    Selection("layer 1 only", "layers=1"),
    Selection("layer 0 only", "layers=0"),
    Selection("[CLS] row of the last layer", "layers=5;rows=0"),
    Selection("one head of the last layer", "layers=5;heads=3"),
    Selection("mean over the heads of every layer", "reduce=mean"),
    Selection("statistics of all heads", "statistics", "1x512", comparable=False),
)

# Statistics must not need the memory that P would need (75.5 MB at this length), nor time.
STATE, STATISTICS, LONG = "last_hidden_state", "last_hidden_state;statistics", "1x512"


def measure_selection(catalogue, selection, options):
    """Results of "ours" and "hooked"."""
    kinds = {"hooked": catalogue.hooked(selection.request), "ours": catalogue.ours("request", selection.request)}
    engines, missing = start_all(kinds)
    entries = {key: (engine, selection.workload) for key, engine in engines.items()} if not missing else {}
    results = measure(entries, options)
    if selection.comparable and entries:
        compare(entries, results, kinds, "hooked", catalogue.folder)
    end_all(engines)
    print(f"{selection.name} done", file=sys.stderr)
    return {key: results.get(key, Result(reason=missing.get(key, "the other side is missing"))) for key in kinds}


def measure_selections(catalogue, options):
    return {selection: measure_selection(catalogue, selection, options) for selection in SELECTIONS}


def measure_statistics_cost(catalogue, options):
    """Results of our run with statistics of all heads and without them."""
    engines, missing = start_all({request: catalogue.ours(request, request) for request in (STATE, STATISTICS)})
    results = measure({key: (engine, LONG) for key, engine in engines.items()} if not missing else {}, options)
    end_all(engines)
    return {key: results.get(key, Result(reason=missing.get(key, "nothing to compare"))) for key in (STATE, STATISTICS)}


def selections_report(results):
    rows, reasons = [], {}
    for selection, pair in results.items():
        if not pair["ours"].valid:
            reasons[selection.name] = pair["ours"].reason
            continue
        row = [selection.name, selection.workload, pair["hooked"].cell(), pair["ours"].cell()]
        rows.append([*row, report.ratio(pair["hooked"], pair["ours"]), report.difference(pair["ours"])])
    header = ["wanted", "batch x tokens", "HF eager with forward hook, ms", "attnscope, ms", "faster by", "max |dP|"]
    parts = ["### Part of the weights", report.table(header, rows)]
    return parts + (["Left out:", report.notes(reasons)] if reasons else [])
