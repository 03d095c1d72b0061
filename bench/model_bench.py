# SPDX-License-Identifier: Apache-2.0
"""Speed of a whole model against its peers, in the shape of DistilBERT-base with random weights.

    python bench/model_bench.py [--quick] [--only dense ...] [--output docs/benchmarks.md]

Tables: all weights of all layers (dense), sentences of different lengths (sentences), part of the weights
(selections), the ablation scan (ablation), start-up and memory (processes), and which targets this run reached.
The protocol is in protocol.py.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import ablation
import dense
import processes
import real_sentences
import report
import selections
import targets
from engines import PEERS, Catalogue, EngineError
from protocol import options_of_the_protocol
from workloads import SHAPES, name_of, sentence_ids, write_ids

SECTIONS = ("dense", "sentences", "selections", "ablation", "processes")
QUICK = {
    "rounds": 2,
    "warm_up": 1,
    "seconds": 0.05,
    "start_ups": 1,
    "sentences": 32,
    "shapes": ["1x9", "1x128", "32x16"],
}


def parse_options():
    parser = options_of_the_protocol(__doc__, rounds=9, seconds=0.3)
    parser.add_argument("--quick", action="store_true", help="little of everything, to try it out")
    parser.add_argument("--only", nargs="*", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--shapes", nargs="*", default=[name_of(shape) for shape in SHAPES])
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--start-ups", type=int, default=7, help="processes started of each engine")
    options = parser.parse_args()
    if options.quick:
        vars(options).update(QUICK)
    return options


def facts(options, versions):
    """What a reader needs to judge the numbers."""
    return [
        "Model: DistilBERT-base's shape (6 layers, 12 heads, 768, 3072), random weights. P: the attention weights of "
        "all layers.",
        f"Processor: {report.processor()}, {options.threads} threads.",
        *(["Versions: " + "; ".join(dict.fromkeys(versions)) + "."] if versions else []),
        f"Median (range) of {options.rounds} rounds, in each the median of the calls of {options.seconds} s; engines "
        "in turn, one process each. Only ratios of one run mean something: machines differ and are shared.",
    ]


def run(catalogue, about, num_tokens, options):
    """Parts of the report."""
    parts, reached, versions = [], [], []
    if "dense" in options.only:
        results = dense.measure_dense(catalogue, options)
        versions = results.versions.values()
        parts += dense.dense_report(results)
        reached += [*targets.fp32_targets(results), *targets.bf16_targets(results)]
    if "sentences" in options.only:
        results = real_sentences.measure_sentences(catalogue, about, num_tokens, options)
        parts += real_sentences.sentences_report(results)
        reached += targets.sentence_targets(results)
    if "selections" in options.only:
        results = selections.measure_selections(catalogue, options)
        parts += selections.selections_report(results)
        reached += targets.selection_targets(results)
        reached += targets.statistics_targets(selections.measure_statistics_cost(catalogue, options))
    if "ablation" in options.only:
        results = ablation.measure_scan(catalogue, options)
        parts += ablation.scan_report(results)
        reached += targets.scan_targets(results)
    if "processes" in options.only:
        results = processes.measure_processes(catalogue, options)
        parts += processes.processes_report(results)
        reached += targets.process_targets(results)
    return [*facts(options, versions), *targets.targets_report(reached), *parts]


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, PEERS / "make_models.py", folder, "onnx"], check=True)
        arrays, about = sentence_ids(options.sentences)
        write_ids(folder / "ids.safetensors", arrays)
        catalogue = Catalogue(folder, options.build.resolve(), options.threads)
        text = "\n\n".join(run(catalogue, about, len(arrays["sentences"]), options)) + "\n"
        text = text.replace(f"{folder}/", "")  # an engine's reason may name a file
    print(text, end="")
    if options.output:
        report.replace_generated(options.output, "model_bench", text)


if __name__ == "__main__":
    try:
        main()
    except EngineError as error:  # of Hugging Face eager, which the others are compared with
        raise SystemExit(f"model_bench: Hugging Face eager: {error}") from None
