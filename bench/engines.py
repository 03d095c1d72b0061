# SPDX-License-Identifier: Apache-2.0
"""The engines of model_bench.py: each is a process of its own that works only while it is told to."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).resolve().parent / "peers"


class EngineError(Exception):
    """An engine cannot do what was asked; the text says why."""


class Engine:
    """A worker process, and the commands that peers/worker.py and attention_worker.cpp know."""

    def __init__(self, name, *command):
        self.name = name
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [str(part) for part in command],
            text=True,
            bufsize=1,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
        )
        self.version = self.answer()

    def answer(self):
        line = self.process.stdout.readline().strip()
        if not line:
            raise EngineError(self.last_words())
        if line.startswith("error:"):
            raise EngineError(line.removeprefix("error:").strip())
        return line

    def last_words(self):
        code = self.process.wait()
        self.complaints.seek(0)
        lines = [line.strip() for line in self.complaints if line.strip()]
        return lines[-1] if lines else f"ended with exit code {code}"

    def ask(self, *words):
        try:
            print(*words, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise EngineError(self.last_words()) from None
        return self.answer()

    def time_ms(self, workload, seconds):
        return float(self.ask("time", workload, seconds))

    def peak_bytes(self):
        """Not ru_maxrss: that of a child begins with what its parent held when it forked."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise EngineError("this system does not tell the peak memory of a process")

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.complaints.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


@dataclass(frozen=True)
class EngineKind:
    """How an engine is started, and what it may be compared with."""

    name: str
    command: tuple
    precision: str = "fp32"
    gives_weights: bool = True

    def start(self):
        return Engine(self.name, *self.command)


class Catalogue:
    """Every engine on one model, one ids file and one number of threads."""

    def __init__(self, folder, build, threads):
        self.folder, self.ids, self.threads = folder, folder / "ids.safetensors", threads
        self.build = build

    def peer(self, script, mode):
        return sys.executable, PEERS / f"{script}_worker.py", self.folder, self.ids, self.threads, mode

    def hugging_face(self, name, mode, precision="fp32", gives_weights=True):
        return EngineKind(f"HF {name}", self.peer("hugging_face", mode), precision, gives_weights)

    def hooked(self, request):
        return self.hugging_face("eager with forward hook", f"hook:{request}")

    def ours(self, name, request, precision="fp32"):
        worker = self.build / "bench" / "attention_worker"
        command = (worker, self.folder / "model", self.ids, request, self.threads, precision)
        return EngineKind(f"attnscope, {name}", command, precision)

    def scans(self):
        """Every head of a classifier ablated alone, by torch hooks and by ours."""
        worker = self.build / "bench" / "attention_worker"
        command = (worker, self.folder / "classifier", self.ids, "scan", self.threads, "fp32")
        return {"hooked": self.hugging_face("sdpa with hooks", "scan"), "ours": EngineKind("attnscope, scan", command)}

    def peers(self):
        return {
            "eager": self.hugging_face("eager, P", "eager"),
            "sdpa": self.hugging_face("sdpa, no P", "sdpa", gives_weights=False),
            "onnx_runtime": EngineKind("ONNX Runtime, P", self.peer("onnx_runtime", "export")),
            "attention_op": EngineKind(
                "ONNX Runtime, Attention operator, P", self.peer("onnx_runtime", "attention_op")
            ),
            "openvino": EngineKind("OpenVINO, P", self.peer("openvino", "f32")),
            "eager_bf16": self.hugging_face("eager bf16, P", "bf16", "bf16"),
            "eager_medium": self.hugging_face("eager, matmul precision medium, P", "medium", "bf16"),
            "openvino_bf16": EngineKind("OpenVINO bf16, P", self.peer("openvino", "bf16"), "bf16"),
        }

    def all(self):
        return self.peers() | {
            "attentions": self.ours("P", "attentions"),
            "hidden": self.ours("P and last hidden state", "attentions;last_hidden_state"),
            "attentions_bf16": self.ours("bf16, P", "attentions", "bf16"),
        }


def start_all(kinds):
    """The engines that start, and the reasons of those that do not, by key."""
    engines, reasons = {}, {}
    for key, kind in kinds.items():
        try:
            engines[key] = kind.start()
        except EngineError as error:
            reasons[key] = str(error)
    return engines, reasons


def end_all(engines):
    for engine in engines.values():
        engine.end()
