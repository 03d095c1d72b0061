# SPDX-License-Identifier: Apache-2.0
"""Hooks of a model: PyTorch's rules, fired by the engine.

The callables stand here, where the garbage collector sees them; the engine knows their numbers only.
"""

from __future__ import annotations

import contextlib
import itertools
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .arrays import is_torch
from .conventions import Arguments, CallValues, convention_of, tensors_in
from .errors import hook_error

if TYPE_CHECKING:
    from . import _core
    from .modules import Module

Hook = Callable[..., Any]
Replacements = list[tuple[int, Any]]


class Entry(NamedTuple):
    """A registered hook."""

    path: str
    before: bool
    hook: Hook
    with_kwargs: bool
    always_call: bool


class RemovableHandle:
    """Removes its hook by remove() or at the end of a `with` block; dropping it leaves the hook in place.

    Safe to use after the model has gone, and any number of times.
    """

    def __init__(self, registry: HookRegistry, identity: int) -> None:
        self.id = identity
        self._registry = weakref.ref(registry)

    def remove(self) -> None:
        registry = self._registry()
        if registry is not None:
            registry.remove(self.id)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class HookRegistry:
    """The hooks of one model, by number."""

    _numbers = itertools.count(1)  # of the process, as in PyTorch

    def __init__(self, session: _core.Session) -> None:
        self._session = session
        self._entries: dict[int, Entry] = {}
        self._root: list[int] = []  # numbers of the hooks of the model itself, in the order in which they fire
        self._calls: set[object] = set()  # under way, on any thread
        self._removed: dict[int, Entry] = {}  # during a call, whose lists may be fixed already

    def add(self, entry: Entry, prepend: bool) -> RemovableHandle:
        """Raises: HookError for a module that never runs; TypeError for a hook that cannot be called."""
        if not callable(entry.hook):
            raise TypeError(f"a hook is a function, not {type(entry.hook).__name__}")
        number = next(self._numbers)
        if entry.path:
            self._session.register_hook(entry.path, entry.before, number, prepend, entry.always_call)
        else:
            self._root.insert(0 if prepend else len(self._root), number)
        self._entries[number] = entry
        return RemovableHandle(self, number)

    def remove(self, number: int) -> None:
        entry = self._entries.pop(number, None)
        if entry is None:
            return
        if self._calls:
            self._removed[number] = entry
        self._session.remove_hook(number)
        if number in self._root:
            self._root.remove(number)

    @property
    def has_root_hooks(self) -> bool:
        return bool(self._root)

    def of_root(self, before: bool) -> list[Entry]:
        """A snapshot of the model's own hooks: a list is fixed when it starts to fire."""
        return [self._entries[number] for number in self._root if self._entries[number].before == before]

    @contextlib.contextmanager
    def firing(
        self, nodes: dict[str, Module], call_values: Callable[[], CallValues]
    ) -> Iterator[Callable[..., Replacements | None]]:
        """What the engine calls for each hook during one call of the model; `nodes` are its modules by path."""
        call: CallValues | None = None

        def fire(number: int, inputs: list[Any], outputs: list[Any], failed: bool) -> Replacements | None:
            nonlocal call
            call = call or call_values()  # only if a hook fires
            entry = self._entries.get(number) or self._removed.get(number)
            return None if entry is None else _fire(entry, nodes[entry.path], (inputs, outputs), failed, call)

        this_call = object()
        self._calls.add(this_call)
        try:
            yield fire
        finally:
            self._calls.discard(this_call)
            if not self._calls:
                self._removed.clear()


def _fire(
    entry: Entry, module: Module, values: tuple[list[Any], list[Any]], failed: bool, call: CallValues
) -> Replacements | None:
    inputs, outputs = values
    convention = convention_of(module.type_name)
    arguments = convention.arguments(inputs, call)
    watched = inputs if entry.before else outputs
    versions = [_version(value) for value in watched]
    if entry.before:
        result = call_pre_hook(entry, module, arguments)
        changed = _changed_inputs(entry.path, arguments, result, inputs)
    else:
        result = call_forward_hook(entry, module, arguments, convention.output(outputs) if outputs else None, failed)
        changed = [] if failed else _changed_outputs(entry.path, result, outputs)
    replaced = {index for index, _ in changed}
    for index, value in enumerate(watched):
        if index not in replaced and _version(value) != versions[index]:
            changed.append((index, value))
    return [(index, _as_value(entry.path, value)) for index, value in changed] or None


def call_pre_hook(entry: Entry, module: Module, arguments: Arguments) -> Arguments:
    """The arguments after the hook, which may return None, the positional ones, or with_kwargs both.

    Raises: RuntimeError for another result of a hook with keyword arguments, as PyTorch does.
    """
    args, kwargs = arguments
    if entry.with_kwargs:
        result = entry.hook(module, args, kwargs)
        if result is None:
            return arguments
        if isinstance(result, tuple) and len(result) == 2:
            return result
        raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {result}.")
    result = entry.hook(module, args)
    if result is None:
        return arguments
    return (result if isinstance(result, tuple) else (result,)), kwargs


def call_forward_hook(entry: Entry, module: Module, arguments: Arguments, output: Any, failed: bool) -> Any:
    """What the hook returns; after a failure its own exceptions become warnings, as in PyTorch."""
    args, kwargs = arguments
    try:
        if entry.with_kwargs:
            return entry.hook(module, args, kwargs, output)
        return entry.hook(module, args, output)
    except Exception as error:
        if not failed:
            raise
        warnings.warn(f"a forward hook with always_call raised an exception that was silenced: {error}", stacklevel=2)
        return None


def _changed_inputs(path: str, before: Arguments, after: Arguments, inputs: Sequence[Any]) -> Replacements:
    old = [*enumerate(before[0]), *before[1].items()]
    new = [*enumerate(after[0]), *after[1].items()]
    if [name for name, _ in old] != [name for name, _ in new]:
        raise hook_error("HOOK_SHAPE", path, "a forward pre-hook returned other arguments than it was given")
    changed = []
    for (name, value), (_, replaced) in zip(old, new, strict=True):
        if replaced is value:
            continue
        index = next((index for index, tensor in enumerate(inputs) if tensor is value), None)
        if index is None:
            raise hook_error("HOOK_INDEX", path, f"argument {name!r} cannot be replaced", "replace the hidden states")
        changed.append((index, replaced))
    return changed


def _changed_outputs(path: str, result: Any, outputs: Sequence[Any]) -> Replacements:
    if result is None:
        return []
    parts = tensors_in(result)
    if len(parts) != len(outputs):
        what = f"a hook returned {len(parts)} values, the module has {len(outputs)} outputs"
        raise hook_error("HOOK_SHAPE", path, what, "return a value in the place of each, changed or not")
    return [(index, part) for index, part in enumerate(parts) if part is not outputs[index]]


def _version(value: Any) -> int:
    """Counts the in-place changes of a torch tensor; numpy arrays in hooks are read-only."""
    return value._version if is_torch(value) else 0


def _as_value(path: str, value: Any) -> Any:
    if is_torch(value):
        return value.detach()
    if not isinstance(value, np.ndarray):
        raise hook_error("HOOK_SHAPE", path, f"a hook returned {type(value).__name__}, expected an array")
    if not value.dtype.isnative:
        raise hook_error("HOOK_SHAPE", path, f"a replaced value is {value.dtype.str}", "convert it to native bytes")
    return np.ascontiguousarray(value)
