# SPDX-License-Identifier: Apache-2.0
"""The same hook code on a transformers and an attnscope model: equal event logs, equal results."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch, the oracle of these tests, is not installed")
pytest.importorskip("transformers", reason="transformers, the oracle of these tests, is not installed")

from parity import assert_same

CLASSES = [
    ("DistilBert", "none"), ("DistilBert", "masked_lm"), ("DistilBert", "sequence_classification"),
    ("DistilBert", "token_classification"), ("Bert", "none"), ("Bert", "masked_lm"),
    ("Bert", "sequence_classification"), ("Bert", "token_classification"), ("Bert", "question_answering"),
]  # fmt: skip
ALONE = {"input_ids": torch.tensor([[2, 5, 6, 7, 8, 3]])}
BATCH = {"input_ids": torch.tensor([[2, 5, 6, 7, 8, 3], [2, 9, 10, 11, 12, 3]])}
PADDED = {
    "input_ids": torch.tensor([[2, 5, 6, 7, 8, 3], [2, 9, 3, 0, 0, 0]]),
    "attention_mask": torch.tensor([[1] * 6, [1, 1, 1, 0, 0, 0]]),
}
CALLS = {"alone": ALONE, "batch": BATCH, "padded": PADDED}


def real_tokens(call):
    mask = call.get("attention_mask")
    return None if mask is None else mask.numpy().astype(bool)


def kept(value):
    """A copy that outlives the hook, in plain containers."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {"class": type(value).__name__, **{name: kept(part) for name, part in value.items()}}
    if isinstance(value, (tuple, list)):
        return tuple(kept(part) for part in value)
    return value


def hooked_paths(model):
    """The modules that both have: dropout does nothing and is left out, `attn` leaves are attnscope's own."""
    skipped = ("Dropout", "Attention", "ModuleList")
    return [path for path, module in model.named_modules() if type(module).__name__ not in skipped]


def play(model, call, script):
    """The log that `script(model, log)` writes, and the outputs of the call."""
    log = []
    handles = script(model, log)
    try:
        with torch.no_grad():
            outputs = model(**call)
    finally:
        for handle in handles:
            handle.remove()
    return log, outputs


def assert_same_play(pair, call, script):
    ours, theirs = play(pair.ours, call, script), play(pair.theirs, call, script)
    assert [event[:3] for event in ours[0]] == [event[:3] for event in theirs[0]]
    for mine, other in zip(ours[0], theirs[0], strict=True):
        assert_same(mine[3:], other[3:], real_tokens(call), str(other[:3]))
    assert_same(ours[1], theirs[1], real_tokens(call))


def is_mask(value):
    return isinstance(value, torch.Tensor) and value.dim() == 4 and value.shape[1] == 1


def watch_everything(model, log):
    handles = []
    for path in hooked_paths(model):
        module = model.get_submodule(path)

        def before(module, args, path=path):
            log.append(("pre", path, type(module).__name__, kept(tuple(value for value in args if not is_mask(value)))))

        def after(module, args, output, path=path):
            log.append(("forward", path, type(module).__name__, kept(output)))

        handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    return handles


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("family, task", CLASSES)
def test_every_module_sees_what_it_sees_there(twins, family, task, call):
    assert_same_play(twins(family, task), CALLS[call], watch_everything)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("family", ["DistilBert", "Bert"])
def test_keyword_arguments_and_masks(twins, family, call):
    names = ("input_ids", "inputs_embeds", "position_ids", "token_type_ids", "hidden_states")

    def script(model, log):
        def before(module, args, kwargs):
            given = {name: kwargs[name] for name in names if kwargs.get(name) is not None}
            masks = [value for value in (*args, *kwargs.values()) if is_mask(value)]
            log.append(("pre", "", type(module).__name__, kept(given), len(masks)))
            if masks:  # values too, as they are 0 nowhere
                log.append(("mask", "", "", float((masks[0] < 0).float().sum()), list(masks[0].shape)))

        modules = [
            module for _, module in model.named_modules() if type(module).__name__ not in ("Dropout", "Attention")
        ]
        return [module.register_forward_pre_hook(before, with_kwargs=True) for module in modules]

    assert_same_play(twins(family, "token_classification"), CALLS[call], script)


def change(path, point, function, watched=""):
    """A script: one hook changes, another watches the module `watched`."""

    def script(model, log):
        module = model.get_submodule(path)
        register = module.register_forward_pre_hook if point == "pre" else module.register_forward_hook

        def watch(module, args, output):
            log.append(("watch", watched, type(module).__name__, kept(output)))

        return [register(function), model.get_submodule(watched or path).register_forward_hook(watch)]

    return script


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("family, layer", [("DistilBert", "transformer.layer.1"), ("Bert", "encoder.layer.1")])
def test_returned_values_replace(twins, family, layer, call):
    pair = twins(family)
    linear = f"{layer}.ffn.lin1" if family == "DistilBert" else f"{layer}.intermediate.dense"
    call = CALLS[call]
    assert_same_play(pair, call, change(linear, "forward", lambda _, args, output: output * 0.5))
    assert_same_play(pair, call, change(linear, "pre", lambda _, args: args[0] + 1))
    assert_same_play(pair, call, change(linear, "pre", lambda _, args: (args[0] - 1,)))
    attention = f"{layer}.attention"
    assert_same_play(pair, call, change(attention, "forward", lambda _, args, output: (output[0] * 2, output[1])))
    assert_same_play(pair, call, change(layer, "forward", lambda _, args, output: torch.zeros_like(output), ""))
    assert_same_play(pair, call, change(layer, "pre", lambda _, args: (args[0] * 1.5, *args[1:])))


@pytest.mark.parametrize("family, layer", [("DistilBert", "transformer.layer.1"), ("Bert", "encoder.layer.1")])
def test_values_changed_in_place_count(twins, family, layer):
    def zero_heads(_, args, output):
        output[0][..., :8] = 0

    def scale_input(_, args):
        args[0].mul_(2)

    pair = twins(family)
    linear = f"{layer}.ffn.lin2" if family == "DistilBert" else f"{layer}.output.dense"
    for call in CALLS.values():
        assert_same_play(pair, call, change(f"{layer}.attention", "forward", zero_heads))
        assert_same_play(pair, call, change(linear, "pre", scale_input))


@pytest.mark.parametrize("family", ["DistilBert", "Bert"])
def test_ids_can_be_replaced(twins, family):
    script = change("embeddings.word_embeddings", "pre", lambda _, args: (torch.full_like(args[0], 7),))
    for call in CALLS.values():
        assert_same_play(twins(family), call, script)


def test_a_whole_structure_can_be_replaced(twins):
    def double(_, args, output):
        output.last_hidden_state = output.last_hidden_state * 2
        return output

    for path in ("transformer", ""):
        assert_same_play(twins("DistilBert"), ALONE, change(path, "forward", double))


def test_order_prepend_and_removal_inside(twins):
    def script(model, log):
        module = model.transformer.layer[0].ffn
        handles = {}

        def hook(name, removes=None):
            def fire(*_):
                log.append(("fired", name, ""))
                if removes:
                    handles[removes].remove()

            return fire

        for name, options in {"a": {}, "b": {"prepend": True}, "c": {}, "d": {"prepend": True}}.items():
            handles[name] = module.register_forward_hook(hook(name, "c" if name == "a" else None), **options)
            handles[f"pre {name}"] = module.register_forward_pre_hook(hook(f"pre {name}"), **options)
        return handles.values()

    pair = twins("DistilBert")
    assert_same_play(pair, ALONE, script)


def test_hooks_of_the_model_itself(twins):
    def script(model, log):
        def before(module, args, kwargs):
            log.append(("pre", "", type(module).__name__, kept(args), kept(kwargs)))
            return args, {**kwargs, "output_attentions": True}

        def after(module, args, kwargs, output):
            log.append(("forward", "", type(module).__name__, kept(output)))
            return output.to_tuple()

        return [
            model.register_forward_pre_hook(before, with_kwargs=True),
            model.register_forward_hook(after, with_kwargs=True),
        ]

    assert_same_play(twins("DistilBert", "token_classification"), BATCH, script)


@pytest.mark.parametrize("point", ["pre", "forward"])
@pytest.mark.parametrize("path", ["", "transformer.layer.1.ffn", "transformer.layer.1.attention"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_exceptions_and_always_call(twins, path, point, error):
    pair = twins("DistilBert")

    def log_of(model):
        log = []
        module = model.get_submodule(path)

        def throw(*_):
            log.append("throw")
            raise error("boom")

        register = module.register_forward_pre_hook if point == "pre" else module.register_forward_hook
        handles = [
            module.register_forward_hook(lambda *_: log.append("always"), always_call=True),
            module.register_forward_hook(lambda *_: log.append("never")),
            register(throw),
            module.register_forward_hook(lambda *_: log.append("last always"), always_call=True),
        ]
        with pytest.raises(error, match="boom") as raised:
            model(**ALONE)
        for handle in handles:
            handle.remove()
        assert raised.traceback[-1].name == "throw"
        return log, model(**ALONE).last_hidden_state

    ours, theirs = log_of(pair.ours), log_of(pair.theirs)
    assert ours[0] == theirs[0]
    assert np.abs(ours[1].numpy() - theirs[1].detach().numpy()).max() < 1e-5


def test_exceptions_of_always_call_hooks_become_warnings(twins):
    def throw(*_):
        raise ValueError("second")

    model = twins("DistilBert").ours
    module = model.transformer.layer[0].ffn
    with (
        module.register_forward_pre_hook(lambda *_: 1 / 0),
        module.register_forward_hook(throw, always_call=True),
        pytest.warns(UserWarning, match="second"),
        pytest.raises(ZeroDivisionError),
    ):
        model(**ALONE)


def test_handles(twins):
    module = twins("DistilBert").ours.transformer.layer[0].attention.attn
    seen = []
    with module.register_forward_hook(lambda *_: seen.append(1)) as handle:
        twins("DistilBert").ours(**ALONE)
    twins("DistilBert").ours(**ALONE)
    handle.remove()
    assert seen == [1]
    later = module.register_forward_hook(lambda *_: None)
    assert later.id > handle.id
    later.remove()


def test_paths_are_those_of_transformers(twins):
    for family, task in CLASSES:
        pair = twins(family, task)
        assert hooked_paths(pair.ours) == hooked_paths(pair.theirs)
        assert [name for name, _ in pair.ours.named_parameters()] == [
            name for name, _ in pair.theirs.named_parameters()
        ]
        for name, tensor in pair.theirs.named_parameters():
            assert torch.equal(pair.ours.get_parameter(name), tensor.detach()), name
