# SPDX-License-Identifier: Apache-2.0
"""How speed is measured: engines in turn (A B C A B C ...), round after round, warmed up until stable.

In a round each engine tells the median of the calls that it can make in a short while; what counts is the median
of the rounds, and their range. No speed is shown without its error, max |dP| against Hugging Face eager in float32.
"""

import argparse
import os
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from engines import EngineError
from safetensors import safe_open

MIN_WARM_UP_ROUNDS = 2
MAX_WARM_UP_ROUNDS = 5
ENOUGH_WARM_UP_SECONDS = 60
STABLE = 1.1  # the last two rounds of every engine are as close as this
MAX_DIFFERENCE = {"fp32": 1e-4, "bf16": 0.5}  # beyond, an engine computes something else


@dataclass
class Result:
    """Of one engine and one workload: the rounds, or the reason why there are none."""

    rounds_ms: list[float] = field(default_factory=list)
    difference: float | None = None
    reason: str | None = None

    @property
    def valid(self):
        return self.reason is None

    @property
    def median_ms(self):
        return statistics.median(self.rounds_ms)

    def cell(self):
        if not self.valid:
            return "-"
        digits = 2 if self.median_ms < 100 else 0
        low, high = min(self.rounds_ms), max(self.rounds_ms)
        return f"{self.median_ms:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def ask_in_turn(entries, results, options):
    """One round. An entry is (engine, workload); those that failed are left out."""
    for key, (engine, workload) in entries.items():
        if not results[key].valid:
            continue
        try:
            results[key].rounds_ms.append(engine.time_ms(workload, options.seconds))
        except EngineError as error:
            results[key].reason = str(error)
        time.sleep(options.pause)  # threads of the engine that just worked stop spinning


def is_stable(result):
    last = result.rounds_ms[-2:]
    return not result.valid or (len(last) == 2 and max(last) < STABLE * min(last))


def warm_up(entries, results, options):
    start = time.perf_counter()
    for number in range(1, options.warm_up + 1):
        ask_in_turn(entries, results, options)
        enough = time.perf_counter() - start > ENOUGH_WARM_UP_SECONDS
        if number >= MIN_WARM_UP_ROUNDS and (enough or all(map(is_stable, results.values()))):
            break
    for result in results.values():
        result.rounds_ms.clear()


def measure(entries, options):
    """Results by key; the rounds until the times are stable do not count."""
    results = {key: Result() for key in entries}
    warm_up(entries, results, options)
    for _ in range(options.rounds):
        ask_in_turn(entries, results, options)
    return results


def max_difference(path, reference):
    """Largest difference over all texts of two files; text by text, since files may be large."""
    with safe_open(path, "np") as ours, safe_open(reference, "np") as theirs:
        differences = [np.abs(ours.get_tensor(text) - theirs.get_tensor(text)).max() for text in theirs.keys()]  # noqa: SIM118
    return float(np.max(differences))


def compare(entries, results, kinds, reference, folder):
    """Fills in max |dP| against the entry `reference`; an engine that is far off becomes invalid."""
    expected, path = folder / "reference.safetensors", folder / "weights.safetensors"
    engine, workload = entries[reference]
    engine.ask("save", workload, expected)
    for key, (engine, workload) in entries.items():
        result = results[key]
        if key == reference or not result.valid or not kinds[key].gives_weights:
            continue
        try:
            engine.ask("save", workload, path)
        except EngineError as error:
            result.reason = str(error)
            continue
        result.difference = max_difference(path, expected)
        path.unlink()
        if not result.difference <= MAX_DIFFERENCE[kinds[key].precision]:  # NaN is far off too
            result.reason = f"wrong numbers: max |dP| {result.difference:.1e}"
    expected.unlink()


def options_of_the_protocol(description, rounds, seconds):
    """A parser with what the benchmarks of whole models share."""
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=root / "build" / "bench", help="CMake's build folder")
    parser.add_argument("--output", type=Path, help="Markdown file whose generated part is replaced")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--warm-up", type=int, default=MAX_WARM_UP_ROUNDS, help="at most so many rounds before")
    parser.add_argument("--seconds", type=float, default=seconds, help="of one engine in one round")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between engines")
    return parser
