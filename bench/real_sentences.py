# SPDX-License-Identifier: Apache-2.0
"""Sentences of different lengths: peers pad them or take them one by one; attnscope does neither."""

import sys
from dataclasses import dataclass

import report
from engines import end_all, start_all
from protocol import Result, compare, measure

ORDERS = {
    "single": "one by one",
    "padded": "batches of 32 in file order, padded",
    "sorted": "batches of 32 sorted by length, padded",
}
# Padding in file order is what naive code does; where it is the slowest by far, one engine shows it.
PEERS = {
    "eager": ("single", "padded", "sorted"),
    "onnx_runtime": ("single", "sorted"),
    "openvino": ("single", "sorted"),
}
OURS = ("attentions", "ragged")
REFERENCE = ("eager", "single")


@dataclass
class Sentences:
    about: str
    num_tokens: int
    kinds: dict  # by (engine, order)
    results: dict  # the same

    def result(self, engine, order):
        return self.results[engine, order]


def measure_sentences(catalogue, about, num_tokens, options):
    kinds = catalogue.all()
    pairs = [(key, order) for key, orders in PEERS.items() for order in orders] + [OURS]
    engines, missing = start_all({key: kinds[key] for key in {key: None for key, _ in pairs}})
    entries = {
        (key, order): (engines[key], "sentences" if (key, order) == OURS else f"sentences:{order}")
        for key, order in pairs
        if key in engines
    }
    pair_kinds = {(key, order): kinds[key] for key, order in pairs}
    results = measure(entries, options)
    compare(entries, results, pair_kinds, REFERENCE, catalogue.folder)
    end_all(engines)
    print("sentences done", file=sys.stderr)
    results |= {pair: Result(reason=missing[pair[0]]) for pair in pairs if pair[0] in missing}
    return Sentences(about, num_tokens, pair_kinds, results)


def sentences_report(sentences):
    ours = sentences.results[OURS]
    rows, reasons = [], {}
    for (key, order), result in sentences.results.items():
        name = sentences.kinds[key, order].name
        if not result.valid:
            reasons[name] = result.reason
            continue
        rate = 1e3 * sentences.num_tokens / result.median_ms
        rows.append(
            [
                name,
                ORDERS.get(order, "all at once, no padding"),
                result.cell(),
                f"{rate:.0f}",
                report.ratio(result, ours),
                report.difference(result),
            ]
        )
    header = ["engine", "sentences", "ms", "tokens/s", "attnscope is faster by", "max |dP|"]
    parts = ["### Real sentences", f"{sentences.about}.", report.table(header, rows)]
    return parts + (["Left out:", report.notes(reasons)] if reasons else [])
