# SPDX-License-Identifier: Apache-2.0
"""Plays hook scripts on a torch module, so that its log can be compared with that of model_probe.

The form of a script is described in hook_script.h. Inputs and outputs are flattened to their tensors: positional
arguments, then keyword arguments, then the parts of tuples and model outputs, in order.
"""

import math
import warnings

import numpy as np
from oracle_models import torch


def hook(identity, point, path, *actions, prepend=False, always_call=False):
    return {"id": identity, "point": point, "path": path, "prepend": prepend, "always_call": always_call,
            "do": list(actions)}


def script(name, hooks, steps):
    return {"name": name, "hooks": hooks, "steps": steps}


def tensors_of(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return []
    return [tensor for part in value for tensor in tensors_of(part)]


def with_tensors(value, tensors):
    """The same structure around other tensors, taken from an iterator."""
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if isinstance(value, dict):
        return type(value)(**{key: with_tensors(part, tensors) for key, part in value.items()})
    if isinstance(value, (tuple, list)):
        return type(value)(with_tensors(part, tensors) for part in value)
    return value


def describe(tensor):
    values = tensor.numpy().astype(np.float64).ravel()
    rms = math.sqrt(np.dot(values, values) / values.size)
    return {"shape": list(tensor.shape), "mean": float(values.sum()) / values.size, "rms": rms}


class Values:
    """The arguments or the result of a call, whose tensors actions may replace."""

    def __init__(self, structure):
        self.structure = structure
        self.changed = False

    def described(self):
        return [describe(tensor) for tensor in tensors_of(self.structure)]

    def change(self, index, function):
        tensors = tensors_of(self.structure)
        tensors[index] = function(tensors[index])
        self.structure = with_tensors(self.structure, iter(tensors))
        self.changed = True


class Player:
    def __init__(self, model, texts, the_script):
        self.model = model
        self.texts = texts
        self.name = the_script["name"]
        self.steps = the_script["steps"]
        self.hooks = {entry["id"]: entry for entry in the_script["hooks"]}
        self.handles = {}
        self.all_handles = []
        self.log = []
        self.arrays = {}

    def play(self):
        runs = 0
        try:
            for step in self.steps:
                (kind, argument), = step.items()
                if kind == "run":
                    self.run(argument, f"{self.name}/{runs}")
                    runs += 1
                else:
                    self.change_hooks(kind, argument)
        finally:
            for handle in self.all_handles:
                handle.remove()
        return self.log, self.arrays

    def run(self, names, label):
        ids = torch.tensor([self.texts[int(name)]["input_ids"] for name in names])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of always_call hooks that throw
                outputs = self.model(input_ids=ids)
        except RuntimeError as error:
            self.log.append({"run": label, "error": str(error)})
            return
        self.log.append({"run": label})
        for index, name in enumerate(names):
            for part in ("last_hidden_state", "pooler_output", "logits"):
                if outputs.get(part) is not None:
                    self.arrays[f"{label}.{name}.{part}"] = outputs[part][index].numpy()

    def change_hooks(self, kind, identity):
        if kind == "remove":
            self.handles[identity].remove()
            return
        entry = self.hooks[identity]
        module = self.model.get_submodule(entry["path"])
        if entry["point"] == "pre":
            handle = module.register_forward_pre_hook(self.pre_hook(entry), prepend=entry["prepend"],
                                                      with_kwargs=True)
        else:
            handle = module.register_forward_hook(self.forward_hook(entry), prepend=entry["prepend"],
                                                  with_kwargs=True, always_call=entry["always_call"])
        self.handles[identity] = handle
        self.all_handles.append(handle)

    def pre_hook(self, entry):
        def fire(_module, args, kwargs):
            inputs = Values((args, kwargs))
            self.fire(entry, inputs, Values(None))
            return inputs.structure if inputs.changed else None
        return fire

    def forward_hook(self, entry):
        def fire(_module, args, *kwargs_and_result):
            # torch forgets `with_kwargs` of a hook that an earlier hook removed, and leaves the keywords out.
            *kwargs, result = kwargs_and_result
            outputs = Values(result)
            self.fire(entry, Values((args, *kwargs)), outputs)
            return outputs.structure if outputs.changed else None
        return fire

    def fire(self, entry, inputs, outputs):
        self.log.append({"event": entry["point"], "hook": entry["id"], "path": entry["path"], "call": 0,
                         "inputs": inputs.described(), "outputs": outputs.described()})
        for action in entry["do"]:
            (kind, argument), = action.items()
            self.act(kind, argument, inputs, outputs)

    def act(self, kind, argument, inputs, outputs):
        if kind == "throw":
            raise RuntimeError(argument)
        if kind == "mark":
            self.log.append({"mark": argument})
        elif kind in ("register", "remove"):
            self.change_hooks(kind, argument)
        elif kind == "fill_ids":
            inputs.change(argument[0], lambda ids: torch.full_like(ids, argument[1]))
        else:
            side = inputs if kind.endswith("input") else outputs
            side.change(argument[0], lambda values: values * argument[1])


def play(model, texts, the_script):
    """The log and the arrays of one script."""
    return Player(model, texts, the_script).play()
