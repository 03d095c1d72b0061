# SPDX-License-Identifier: Apache-2.0
"""Speed of a whole model against Hugging Face, in the shape of DistilBERT-base with random weights.

    python bench/model_bench.py [--build build/bench] [--output table.md]

Every engine is a process of its own that lives as long as the measurement and works only while it is told to.
A round asks each engine in turn (A B C D A B C D ...) for the median of the calls it can make in a short while;
the table gives the median of the rounds and their range. Ids are the same for all, in float32 throughout; no speed
is shown without its error, max |dP| against Hugging Face eager over all texts, layers and heads.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

HERE = Path(__file__).resolve().parent
SHAPES = ((1, 9), (1, 128), (8, 128), (32, 16), (2, 512))
VOCABULARY = 30522
WARM_UP_ROUNDS = 2


class Engine:
    """A worker process and what it measured."""

    def __init__(self, name, *command):
        self.name = name
        self.process = subprocess.Popen([str(part) for part in command], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.version = self.answer()
        self.rounds_ms = {}

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with exit code {self.process.wait()}")
        return line.strip()

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self.answer()

    def measure(self, shape, seconds):
        self.rounds_ms.setdefault(shape, []).append(float(self.ask("time", shape, seconds)))

    def median_ms(self, shape):
        return statistics.median(self.rounds_ms[shape])

    def cell(self, shape):
        rounds = self.rounds_ms[shape]
        return f"{statistics.median(rounds):.2f} ({min(rounds):.2f}-{max(rounds):.2f})"

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def name_of(shape):
    return "{}x{}".format(*shape)


def write_ids(path):
    random = np.random.default_rng(0)
    save_file({name_of(shape): random.integers(0, VOCABULARY, shape) for shape in SHAPES}, path)


def start_engines(folder, build, threads):
    model, ids = folder / "model", folder / "ids.safetensors"
    hugging_face = (sys.executable, HERE / "hugging_face_worker.py", "serve", model, ids)
    ours = (build / "bench" / "attention_worker", model, ids)
    return {
        "eager": Engine("HF eager, P", *hugging_face, "eager", threads),
        "sdpa": Engine("HF sdpa, no P", *hugging_face, "sdpa", threads),
        "attentions": Engine("attnscope, P", *ours, "attentions", threads),
        "hidden": Engine("attnscope, P and last hidden state", *ours, "hidden", threads),
    }


def measure(engines, shape, options):
    """Rounds of all engines in turn; the first ones warm up and do not count."""
    for number in range(WARM_UP_ROUNDS + options.rounds):
        for engine in engines.values():
            engine.measure(shape, options.seconds)
            time.sleep(options.pause)  # threads of the engine that just worked stop spinning
        if number < WARM_UP_ROUNDS:
            for engine in engines.values():
                engine.rounds_ms[shape].clear()


def max_difference(engines, shape, folder):
    """max |dP| of both requests against Hugging Face eager."""
    arrays = {}
    for key in ("eager", "attentions", "hidden"):
        path = folder / f"{key}.safetensors"
        engines[key].ask("save", shape, path)
        arrays[key] = load_file(path)
        path.unlink()
    return max(float(np.max(np.abs(arrays[key][text] - weights)))
               for key in ("attentions", "hidden") for text, weights in arrays["eager"].items())


def table(engines, differences):
    names = [engine.name for engine in engines.values()]
    ratios = ["P: eager / ours", "P and state: eager / ours", "P and state: sdpa / ours"]
    header = ["batch x tokens", *names, *ratios, "max \\|dP\\|"]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for shape, difference in differences.items():
        median = {key: engine.median_ms(shape) for key, engine in engines.items()}
        cells = [shape, *(engine.cell(shape) for engine in engines.values()),
                 f"{median['eager'] / median['attentions']:.2f}x", f"{median['eager'] / median['hidden']:.2f}x",
                 f"{median['sdpa'] / median['hidden']:.2f}x", f"{difference:.1e}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def report(engines, differences, options):
    facts = [f"Processor: {processor()}, {options.threads} threads.",
             f"attnscope: {engines['attentions'].version}.", f"Hugging Face: {engines['eager'].version}.",
             f"Milliseconds, median (range) of {options.rounds} rounds, in each the median of the calls of "
             f"{options.seconds} s; engines in turn, one process each."]
    return "\n\n".join([*facts, "\n".join(table(engines, differences))]) + "\n"


def options_of_the_protocol(description, rounds, seconds):
    """A parser with what the benchmarks of whole models share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=HERE.parent / "build" / "bench", help="CMake's build folder")
    parser.add_argument("--output", type=Path, help="also write the Markdown here")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=float, default=seconds, help="of one engine in one round")
    parser.add_argument("--pause", type=float, default=0.02, help="seconds between engines")
    return parser


def parse_options():
    parser = options_of_the_protocol(__doc__, rounds=9, seconds=0.3)
    parser.add_argument("--shapes", nargs="*", default=[name_of(shape) for shape in SHAPES])
    return parser.parse_args()


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, HERE / "hugging_face_worker.py", "make", folder / "model"], check=True)
        write_ids(folder / "ids.safetensors")
        engines = start_engines(folder, options.build.resolve(), options.threads)
        differences = {}
        for shape in options.shapes:
            measure(engines, shape, options)
            differences[shape] = max_difference(engines, shape, folder)
            print(f"{shape} done", file=sys.stderr)
        text = report(engines, differences, options)
        for engine in engines.values():
            engine.end()
    print(text, end="")
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
