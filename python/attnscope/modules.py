# SPDX-License-Identifier: Apache-2.0
"""The module tree: attribute access, named_modules(), weights, and where hooks are registered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, overload

from .arrays import loaded_torch
from .errors import HookError
from .hooks import Entry, Hook, HookRegistry, RemovableHandle

if TYPE_CHECKING:
    from . import _core

__all__ = ["Module", "ModuleList", "RemovableHandle"]


class Module:
    """A module of a loaded model, by the path that Hugging Face's named_modules() gives it.

    Example: model.transformer.layer[1].attention.attn.register_forward_hook(hook)
    """

    type_name: str = "Module"

    def _place(self, session: _core.Session, registry: HookRegistry, path: str, parameters: list[str]) -> None:
        self._session = session
        self._registry = registry
        self._path = path
        self._parameter_names = parameters
        self._children: dict[str, Module] = {}

    @property
    def path(self) -> str:
        """Dotted path from the model: "transformer.layer.1.attention.attn"; empty for the model."""
        return self._path

    # ---- hooks

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Calls `hook(module, args, output)` after the module has run; what it returns, unless None, replaces the
        output. with_kwargs: hook(module, args, kwargs, output).

        Shapes:  [batch, seq, width]; attention weights [batch, head, query, key], padding 0.
        Raises:  HookError for a module that never runs.
        """
        return self._registry.add(Entry(self._path, False, hook, with_kwargs, always_call), prepend)

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Calls `hook(module, args)` before the module runs; what it returns, unless None, replaces args.
        with_kwargs: hook(module, args, kwargs), which returns None or (args, kwargs)."""
        return self._registry.add(Entry(self._path, True, hook, with_kwargs, False), prepend)

    # ---- the tree

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._children:
            return self._children[name]
        if name in self._parameter_names:
            return self._parameter(name)
        raise AttributeError(self._missing(name))

    def _missing(self, name: str) -> str:
        """Why there is no attribute `name`: for paths the engine knows the reason, or what is near."""
        message = f"'{type(self).__name__}' object has no attribute '{name}'"
        try:
            self._session.find(f"{self._path}.{name}" if self._path else name)
        except HookError as error:
            return f"{message}: {error}"
        return message

    def children(self) -> Iterator[Module]:
        yield from self._children.values()

    def named_children(self) -> Iterator[tuple[str, Module]]:
        yield from self._children.items()

    def named_modules(self, memo: object = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """(path, module) of this module and all below it, in Hugging Face's order; dropout, which does nothing in
        inference, is left out, and the leaf `attn`, the softmax, is there under every attention module."""
        yield prefix, self
        for name, child in self._children.items():
            yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        for _, module in self.named_modules():
            yield module

    def get_submodule(self, target: str) -> Module:
        """The module of a dotted path below this one.

        Raises: AttributeError that names the nearest paths.
        """
        module = self
        for name in target.split(".") if target else []:
            child = module._children.get(name)
            if child is None:
                raise AttributeError(module._missing(name))
            module = child
        return module

    # ---- weights

    def _parameter(self, name: str) -> Any:
        torch = loaded_torch()
        array = self._session.parameter(self._path, name, False)
        return array if torch is None else torch.tensor(array)

    def get_parameter(self, target: str) -> Any:
        """A weight by dotted path: read-only numpy without copy, or a copy as torch tensor if torch is loaded."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if name not in module._parameter_names:
            raise AttributeError(module._missing(name))
        return module._parameter(name)

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """(name, weight); a weight that two modules share comes once unless `remove_duplicate` is False."""
        modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
        seen: set[int] = set()
        for path, module in modules:
            for name in module._parameter_names:
                identity = self._session.parameter_identity(module._path, name)
                if remove_duplicate and identity in seen:
                    continue
                seen.add(identity)
                yield (f"{path}.{name}" if path else name), module._parameter(name)

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def state_dict(self) -> OrderedDict[str, Any]:
        """All weights by name."""
        return OrderedDict(self.named_parameters(remove_duplicate=False))

    # ---- what torch users call

    @property
    def training(self) -> bool:
        return False

    def eval(self) -> Module:
        """Nothing to do: models are always in inference mode."""
        return self

    def train(self, mode: bool = True) -> Module:
        if mode:
            raise RuntimeError("attnscope runs models, it does not train them; call eval() or nothing")
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        if requires_grad:
            raise RuntimeError("attnscope computes no gradients of weights; call requires_grad_(False) or nothing")
        return self

    def __repr__(self) -> str:
        lines = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._children.items()]
        return f"{type(self).__name__}(" + "".join(f"\n  {line}" for line in lines) + ("\n)" if lines else ")")

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"'{self._path}' runs inside its model only: call the model, and hook this module")

    def __reduce__(self) -> Any:
        raise TypeError("a model cannot be pickled: pickle its name and load it again with from_pretrained")


class ModuleList(Module):
    """The layers of an encoder, by number, slice or iteration."""

    type_name = "ModuleList"

    def __len__(self) -> int:
        return len(self._children)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._children.values())

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> list[Module]: ...
    def __getitem__(self, index: int | slice) -> Module | list[Module]:
        layers = list(self._children.values())
        if isinstance(index, slice):
            return layers[index]
        if not -len(layers) <= index < len(layers):
            raise IndexError(f"'{self._path}' has layers 0 to {len(layers) - 1}, not {index}")
        return layers[index]


_classes: dict[str, type[Module]] = {"ModuleList": ModuleList}


def _class_named(type_name: str) -> type[Module]:
    """A class of Hugging Face's name, so that type(module).__name__ is what it is there."""
    if type_name not in _classes:
        _classes[type_name] = type(type_name, (Module,), {"type_name": type_name, "__module__": __name__})
    return _classes[type_name]


def grow(root: Module, session: _core.Session, registry: HookRegistry) -> dict[str, Module]:
    """Hangs the module tree of a session under `root`; returns all modules by path."""
    nodes: dict[str, Module] = {}
    for path, type_name, parameters in session.modules():
        node = root if not path else _class_named(type_name)()
        node._place(session, registry, path, parameters)
        nodes[path] = node
        if path:
            parent, _, name = path.rpartition(".")
            nodes[parent]._children[name] = node
    return nodes
