# SPDX-License-Identifier: Apache-2.0
"""What a process costs: from its start to the first P, and its peak memory."""

import sys
import time
from dataclasses import dataclass

import report
from engines import EngineError
from protocol import Result
from selections import LONG, STATE, STATISTICS

START_UP = ("eager", "onnx_runtime", "openvino", "attentions")
MEMORY = (
    "eager",
    "onnx_runtime",
    "attention_op",
    "openvino",
    "attentions",
    "eager_bf16",
    "openvino_bf16",
    "attentions_bf16",
)
FIRST = "1x9"
MEMORY_SHAPES = ("1x9", "1x128", "32x16", "8x128")
MEGABYTE = 1e6
BYTES_OF_P = 288 * 8 * 128 * 128  # of the largest: 6 layers, 12 heads, 4 bytes a weight
ALLOWANCE = 64 * MEGABYTE


@dataclass
class Processes:
    kinds: dict
    start_up: dict  # Result by engine
    peak_bytes: dict  # by engine
    weights_file_bytes: int


def first_weights_ms(kind):
    """Of a fresh process that ends afterwards."""
    start = time.perf_counter()
    with kind.start() as engine:
        engine.ask("time", FIRST, 0)
        return (time.perf_counter() - start) * 1e3


def measure_start_up(kinds, repeats):
    """In turn; the first time fills the page cache and does not count."""
    results = {key: Result() for key in START_UP}
    for number in range(repeats + 1):
        for key, result in results.items():
            if not result.valid:
                continue
            try:
                elapsed_ms = first_weights_ms(kinds[key])
            except EngineError as error:
                result.reason = str(error)
                continue
            if number:
                result.rounds_ms.append(elapsed_ms)
    return results


def peak_bytes(kind, workloads):
    """None for an engine that cannot do it."""
    try:
        with kind.start() as engine:
            for workload in workloads:
                engine.ask("time", workload, 0)
            return engine.peak_bytes()
    except EngineError:
        return None


def measure_processes(catalogue, options):
    kinds = catalogue.all()
    start_up = measure_start_up(kinds, options.start_ups)
    peaks = {key: peak_bytes(kinds[key], MEMORY_SHAPES) for key in MEMORY}
    for request in (STATE, STATISTICS):
        peaks[request] = peak_bytes(catalogue.ours(request, request), [LONG])
    size = (catalogue.folder / "model" / "model.safetensors").stat().st_size
    print("processes done", file=sys.stderr)
    return Processes(kinds, start_up, peaks, size)


def processes_report(processes):
    rows = []
    for key in MEMORY:
        start = processes.start_up.get(key)
        peak = processes.peak_bytes[key]
        start_cell = start.cell() if start else ""
        rows.append([processes.kinds[key].name, start_cell, f"{peak / MEGABYTE:.0f}" if peak else "-"])
    header = ["engine", f"process start to first P ({FIRST}), ms", "peak memory, MB"]
    return [
        "### Processes",
        f"Start-up with a warm page cache. Peak memory of a process that does {', '.join(MEMORY_SHAPES)}; the weights "
        f"file has {processes.weights_file_bytes / MEGABYTE:.0f} MB, P of the last one {BYTES_OF_P / MEGABYTE:.0f} MB.",
        report.table(header, rows),
    ]
