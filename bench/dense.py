# SPDX-License-Identifier: Apache-2.0
"""All weights of all layers, texts of one length, every engine."""

import sys
from dataclasses import dataclass, field

import report
from engines import end_all, start_all
from protocol import MAX_DIFFERENCE, Result, compare, measure

# Title: (peers, ours). Peers compute the last hidden state in any case.
MODES = {
    "fp32, attentions only": (("eager", "eager_medium", "onnx_runtime", "attention_op", "openvino"), "attentions"),
    "fp32, attentions and last hidden state": (
        ("eager", "sdpa", "eager_medium", "onnx_runtime", "attention_op", "openvino"),
        "hidden",
    ),
    "bf16, attentions only": (("eager", "eager_bf16", "eager_medium", "openvino_bf16"), "attentions_bf16"),
}
REFERENCE = "eager"


@dataclass
class Dense:
    kinds: dict
    versions: dict = field(default_factory=dict)  # by engine
    results: dict = field(default_factory=dict)  # by shape, then engine

    def result(self, shape, key):
        return self.results.get(shape, {}).get(key, Result(reason="not measured in this run"))

    def is_right(self, shape, key, precision):
        """Hands out P, as close to the reference as its precision allows."""
        result = self.result(shape, key)
        error = 0 if key == REFERENCE else result.difference
        return result.valid and error is not None and error <= MAX_DIFFERENCE[precision]

    def best_peer_ms(self, shape, keys, precision):
        """None if there is none that is right."""
        right = [key for key in keys if self.is_right(shape, key, precision)]
        return min((self.result(shape, key).median_ms for key in right), default=None)

    def reasons(self):
        """One a reason, though it may concern many shapes."""
        found = {}
        for shape, results in self.results.items():
            for key, result in results.items():
                if not result.valid:
                    found.setdefault((self.kinds[key].name, result.reason), []).append(shape)
        return {f"{name} ({', '.join(shapes)})": reason for (name, reason), shapes in found.items()}


def measure_dense(catalogue, options):
    dense = Dense(catalogue.all())
    engines, missing = start_all(dense.kinds)
    dense.versions = {key: engine.version for key, engine in engines.items()}
    for shape in options.shapes:
        entries = {key: (engine, shape) for key, engine in engines.items()}
        results = measure(entries, options)
        compare(entries, results, dense.kinds, REFERENCE, catalogue.folder)
        dense.results[shape] = results | {key: Result(reason=reason) for key, reason in missing.items()}
        print(f"{shape} done", file=sys.stderr)
    end_all(engines)
    return dense


def mode_report(dense, title, peers, ours):
    shapes = list(dense.results)
    times = [[dense.kinds[key].name, *(dense.result(shape, key).cell() for shape in shapes)] for key in (*peers, ours)]
    ratios = [
        [
            dense.kinds[key].name,
            *(report.ratio(dense.result(shape, key), dense.result(shape, ours)) for shape in shapes),
        ]
        for key in peers
    ]
    return [
        f"### {title}",
        "Milliseconds:",
        report.table(["batch x tokens", *shapes], times),
        "How many times faster attnscope is:",
        report.table(["batch x tokens", *shapes], ratios),
    ]


def differences_report(dense):
    shapes = list(dense.results)
    rows = [
        [kind.name, *(report.difference(dense.result(shape, key)) for shape in shapes)]
        for key, kind in dense.kinds.items()
        if kind.gives_weights and key != REFERENCE
    ]
    return [
        "### Errors",
        "max |dP| against Hugging Face eager in float32, over all texts, layers and heads:",
        report.table(["batch x tokens", *shapes], rows),
    ]


def dense_report(dense):
    parts = []
    for title, (peers, ours) in MODES.items():
        parts += mode_report(dense, title, peers, ours)
    parts += differences_report(dense)
    if dense.reasons():
        parts += ["Left out:", report.notes(dense.reasons())]
    return parts
