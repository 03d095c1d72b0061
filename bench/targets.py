# SPDX-License-Identifier: Apache-2.0
"""What must be reached, and whether this run reached it."""

from dataclasses import dataclass

import report
from dense import MODES
from processes import ALLOWANCE, BYTES_OF_P
from selections import STATE, STATISTICS

FP32_PEERS = MODES["fp32, attentions only"][0]
BF16_PEERS = ("eager_bf16", "eager_medium", "openvino_bf16")
EAGER_RATIOS = {"1x9": 3.8, "1x128": 1.6, "32x16": 1.35, "8x128": 1.35, "2x512": 1.45, "8x512": 1.7}
BEST_RATIOS = {"1x9": 1.15, "32x16": 1.12}
BF16_RATIOS = {"8x128": 1.15, "2x512": 1.15}
SELECTION_RATIOS = {"layer 1 only": 6, "layer 0 only": 25}
STATISTICS_BYTES = 8e6  # over a run without statistics, at T = 512


@dataclass
class Target:
    what: str
    must: float
    measured: float | None
    at_most: bool = False  # else at least
    unit: str = "x"

    @property
    def reached(self):
        if self.measured is None:
            return "not measured"
        return "yes" if (self.measured <= self.must if self.at_most else self.measured >= self.must) else "no"

    def row(self):
        sign = "<=" if self.at_most else ">="
        measured = "-" if self.measured is None else f"{self.measured:.2f}{self.unit}"
        return [self.what, f"{sign} {self.must:g}{self.unit}", measured, self.reached]


def quotient(numerator, denominator):
    """Of medians; None where one was not measured."""
    return numerator.median_ms / denominator.median_ms if numerator.valid and denominator.valid else None


def over_best_peer(dense, shape, peers, ours):
    precision = dense.kinds[ours].precision
    best, result = dense.best_peer_ms(shape, peers, precision), dense.result(shape, ours)
    return best / result.median_ms if best and result.valid else None


def fp32_targets(dense):
    for shape in dense.results:
        ours, hidden = dense.result(shape, "attentions"), dense.result(shape, "hidden")
        best = over_best_peer(dense, shape, FP32_PEERS, "attentions")
        yield Target(f"{shape}, P, over the best peer with P", BEST_RATIOS.get(shape, 1.2), best)
        if shape in EAGER_RATIOS:
            over_eager = quotient(dense.result(shape, "eager"), ours)
            yield Target(f"{shape}, P, over HF eager", EAGER_RATIOS[shape], over_eager)
        best = over_best_peer(dense, shape, FP32_PEERS, "hidden")
        yield Target(f"{shape}, P and last hidden state, over the best peer with P", 1.02, best)
        over_sdpa = quotient(dense.result(shape, "sdpa"), hidden)
        yield Target(f"{shape}, P and last hidden state, over HF sdpa without P", 1, over_sdpa)


def bf16_targets(dense):
    for shape in dense.results:
        best = over_best_peer(dense, shape, BF16_PEERS, "attentions_bf16")
        yield Target(f"{shape}, bf16, P, over the best bf16 peer", BF16_RATIOS.get(shape, 1.1), best)
        if "amx_bf16" in report.instruction_sets():
            over_eager = quotient(dense.result(shape, "eager"), dense.result(shape, "attentions_bf16"))
            yield Target(f"{shape}, bf16 with AMX, P, over HF eager fp32", 6, over_eager)


def sentence_targets(sentences):
    ours = sentences.result("attentions", "ragged")
    for order, must in (("padded", 4.5), ("sorted", 1.9)):
        over = quotient(sentences.result("eager", order), ours)
        yield Target(f"real sentences, over HF {order}", must, over)


def selection_targets(results):
    for selection, pair in results.items():
        if selection.name in SELECTION_RATIOS:
            over = quotient(pair["hooked"], pair["ours"])
            yield Target(f"{selection.name}, over HF eager with a hook", SELECTION_RATIOS[selection.name], over)


def scan_targets(pair):
    over = quotient(pair["hooked"], pair["ours"])
    yield Target("72-head ablation scan of one sentence, over the same by torch hooks", 6, over)


def process_targets(processes):
    start = processes.start_up["attentions"]
    seconds = start.median_ms / 1e3 if start.valid else None
    yield Target("process start to first P", 0.12, seconds, at_most=True, unit=" s")
    peak = processes.peak_bytes["attentions"]
    over = None if peak is None else (peak - processes.weights_file_bytes - BYTES_OF_P) / 1e6
    must = ALLOWANCE / 1e6
    yield Target("peak memory over weights file and P", must, over, at_most=True, unit=" MB")
    with_them, without = processes.peak_bytes[STATISTICS], processes.peak_bytes[STATE]
    over = None if None in (with_them, without) else (with_them - without) / 1e6
    must = STATISTICS_BYTES / 1e6
    yield Target("statistics, T=512, memory over a run without them", must, over, at_most=True, unit=" MB")


def statistics_targets(pair):
    over = quotient(pair[STATISTICS], pair[STATE])
    yield Target("statistics, T=512, time over a run without them", 1.03, over, at_most=True)


def targets_report(targets):
    header = ["target", "must", "measured", "reached"]
    return ["### Targets", report.table(header, [target.row() for target in targets])]
