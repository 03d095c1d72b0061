# SPDX-License-Identifier: Apache-2.0
"""The same hook script on the same tiny model gives torch's log: order, shapes, values, errors, final outputs.

The leaf `attn` exists in attnscope only; test_attn_leaf.py judges it. Values are compared within 1e-5.
"""

import oracle_hooks
import pytest
from oracle_hooks import hook, script
from oracle_models import difference, make_model, random_texts
from oracle_probe import run_scripts

TOLERANCE = 1e-5
RUN = {"run": ["0"]}
# Between them they have every kind of module; the others get no replacement at every module, to save time.
REPLACED_EVERYWHERE = [("DistilBert", "sequence_classification"), ("Bert", "sequence_classification")]
CLASSES = [*REPLACED_EVERYWHERE, ("DistilBert", "masked_lm"), ("DistilBert", "question_answering"),
           ("Bert", "none"), ("Bert", "masked_lm"), ("Bert", "token_classification")]


def paths_of(model):
    return [path for path, module in model.named_modules() if type(module).__name__ != "Dropout"]


def register_all(hooks):
    return [{"register": entry["id"]} for entry in hooks]


def on_every_module(paths):
    hooks = [hook(f"{point} {path}", point, path) for path in paths for point in ("pre", "forward")]
    return script("every module", hooks, [*register_all(hooks), RUN, RUN])


def order_and_prepend(path):
    hooks = [hook(f"{point} {name}", point, path, prepend=name in "cd") for name in "abcd"
             for point in ("pre", "forward")]
    return script("order and prepend", hooks, [*register_all(hooks), RUN])


def removal_inside(path):
    hooks = [hook("a", "forward", path, {"remove": "b"}), hook("b", "forward", path),
             hook("own", "pre", path, {"remove": "own"}), hook("last", "pre", path)]
    return script("removal inside a hook", hooks, [*register_all(hooks), RUN, RUN])


def adding_inside(path):
    hooks = [hook("pre", "pre", path, {"register": "added forward"}, {"register": "added pre"}, {"remove": "pre"}),
             hook("forward", "forward", path, {"register": "late"}, {"remove": "forward"}),
             hook("added forward", "forward", path), hook("added pre", "pre", path), hook("late", "forward", path)]
    return script("adding inside a hook", hooks, [{"register": "pre"}, {"register": "forward"}, RUN, RUN])


def adding_to_the_parent(parent, child, name, before):
    """A hook of a child adds one to its parent, whose forward is under way: it fires if the parent had a hook."""
    hooks = [hook("existing", "pre", parent), hook("added", "forward", parent),
             hook("child", "forward", child, {"register": "added"}, {"remove": "child"})]
    return script(name, hooks, [*before, {"register": "child"}, RUN, RUN])


def removing_from_the_parent(parent, child):
    hooks = [hook("parent", "forward", parent), hook("child", "forward", child, {"remove": "parent"})]
    return script("removing from the parent", hooks, [*register_all(hooks), RUN])


def chain_of_replacements(path, watcher):
    hooks = [hook("in 1", "pre", path, {"scale_input": [0, 1.5]}), hook("in 2", "pre", path, {"edit_input": [0, -0.5]}),
             hook("in 3", "pre", path), hook("out 1", "forward", path, {"scale_output": [0, 2.0]}),
             hook("out 2", "forward", path, {"edit_output": [0, 0.25]}), hook("out 3", "forward", path),
             hook("watcher", "pre", watcher)]
    return script("chain of replacements", hooks, [*register_all(hooks), RUN])


def two_changes_in_one_hook(path):
    hooks = [hook("a", "forward", path, {"scale_output": [0, 2.0]}, {"edit_output": [0, 0.75]}),
             hook("b", "forward", path)]
    return script("two changes in one hook", hooks, [*register_all(hooks), RUN])


def exception(point, path, parent):
    """always_call hooks of the module and of its parent run; the others do not; the next run is whole."""
    hooks = [hook("before", point, path), hook("thrower", point, path, {"throw": "boom"}), hook("after", point, path),
             hook("always", "forward", path, always_call=True), hook("never", "forward", path),
             hook("parent", "forward", parent), hook("parent always", "forward", parent, always_call=True)]
    steps = [*register_all(hooks), RUN, {"remove": "thrower"}, RUN]
    return script(f"exception in a {point} hook", hooks, steps)


def exception_after_always(path):
    hooks = [hook("always first", "forward", path, always_call=True),
             hook("thrower", "forward", path, {"throw": "boom"}),
             hook("always last", "forward", path, always_call=True)]
    return script("always_call hooks run once", hooks, [*register_all(hooks), RUN])


def exception_in_always(path):
    hooks = [hook("thrower", "pre", path, {"throw": "first"}),
             hook("always", "forward", path, {"throw": "second"}, always_call=True),
             hook("always too", "forward", path, always_call=True)]
    return script("an exception of an always_call hook is dropped", hooks, [*register_all(hooks), RUN])


def handles(path):
    hooks = [hook("a", "forward", path), hook("b", "forward", path)]
    steps = [{"register": "a"}, {"register": "b"}, {"remove": "a"}, {"remove": "a"}, RUN, {"register": "a"}, RUN]
    return script("removal twice", hooks, steps)


def all_scripts(model):
    paths = paths_of(model)
    layer = next(path for path in paths if path.endswith("layer.0"))
    linear = next(path for path in paths if path.endswith(("ffn.lin1", "intermediate.dense")))
    parent = linear.rsplit(".", 1)[0]
    return [
        on_every_module(paths), order_and_prepend(parent), removal_inside(parent), adding_inside(linear),
        adding_to_the_parent(parent, linear, "adding to a parent with a hook", [{"register": "existing"}]),
        adding_to_the_parent(parent, linear, "adding to a parent without", []),
        adding_to_the_parent("", linear, "adding to a root with a hook", [{"register": "existing"}]),
        removing_from_the_parent(parent, linear), chain_of_replacements(parent, linear),
        two_changes_in_one_hook(layer), exception("pre", linear, parent), exception("forward", linear, parent),
        exception_after_always(linear), exception_in_always(parent), handles(linear),
    ]


def replacements(model, texts):
    """For every module one script for each tensor that can be replaced, and hooks on all modules that see it."""
    watched = [hook(f"watch {path}", "forward", path) for path in paths_of(model)]
    log, _ = oracle_hooks.play(model, texts, on_every_module(paths_of(model)))
    half = log[:len(log) // 2 - 1]
    for event in half:
        side = "inputs" if event["event"] == "pre" else "outputs"
        for index, value in enumerate(event[side]):
            is_ids = len(value["shape"]) == 2 and value["shape"][1] == len(texts[0]["input_ids"]) and side == "inputs"
            verb = "scale" if len(event["path"]) % 2 else "edit"
            action = {"fill_ids": [index, 1]} if is_ids else {f"{verb}_{side[:-1]}": [index, 1.25]}
            change = hook("change", event["event"], event["path"], action)
            hooks = [change, *watched]
            yield script(f"{side} {index} of '{event['path']}'", hooks, [*register_all(hooks), RUN])


def assert_values_agree(ours, torchs, place):
    assert [value["shape"] for value in ours] == [value["shape"] for value in torchs], place
    for mine, other in zip(ours, torchs):
        assert mine["mean"] == pytest.approx(other["mean"], abs=TOLERANCE, rel=TOLERANCE), place
        assert mine["rms"] == pytest.approx(other["rms"], abs=TOLERANCE, rel=TOLERANCE), place


def summary(log):
    return [{key: value for key, value in line.items() if key not in ("inputs", "outputs")} for line in log]


def assert_logs_agree(ours, torchs, name):
    assert summary(ours) == summary(torchs), name
    for mine, other in zip(ours, torchs):
        for side in ("inputs", "outputs"):
            place = f"{name}: {side} in {mine.get('hook')}"
            assert_values_agree(mine.get(side, []), other.get(side, []), place)


@pytest.fixture(scope="module", params=CLASSES, ids=lambda pair: "-".join(pair))
def played(request, tmp_path_factory):
    """Every script played on both sides: {name: (our log, our arrays, torch's log, torch's arrays)}."""
    family, task = request.param
    model = make_model(family, task, layers=2, initializer_range=0.2, seed=11)
    folder = tmp_path_factory.mktemp("model")
    model.save_pretrained(folder)
    texts = random_texts([6], 60, seed=1)
    scripts = all_scripts(model)
    if request.param in REPLACED_EVERYWHERE:
        scripts.extend(replacements(model, texts))
    logs, arrays = run_scripts(folder, texts, scripts)
    result = {}
    for entry in scripts:
        name = entry["name"]
        own_arrays = {key: array for key, array in arrays.items() if key.startswith(name + "/")}
        result[name] = (logs[name], own_arrays, *oracle_hooks.play(model, texts, entry))
    return result


def test_log_is_torchs(played):
    for name, (ours, _, torchs, _) in played.items():
        assert_logs_agree(ours, torchs, name)


def test_outputs_after_replacement_are_torchs(played):
    for name, (_, ours, _, torchs) in played.items():
        for key, array in torchs.items():
            assert difference(ours[key], array) <= TOLERANCE * max(1.0, abs(array).max()), f"{name}: {key}"


def test_scripts_fire_hooks(played):
    """The comparison above is of something."""
    silent = [name for name, (ours, _, _, _) in played.items() if not any("event" in line for line in ours)]
    assert silent == []


def test_log_of_two_texts_is_torchs(tmp_path):
    """Hugging Face looks positions up once for the whole batch, so modules of positions are left out."""
    model = make_model("Bert", "token_classification", layers=2, seed=3)
    model.save_pretrained(tmp_path)
    texts = random_texts([5, 5], 60, seed=2)
    hooks = on_every_module([path for path in paths_of(model) if "position" not in path])["hooks"]
    entry = script("two texts", hooks, [*register_all(hooks), {"run": ["0", "1"]}])
    logs, arrays = run_scripts(tmp_path, texts, [entry])
    log, expected = oracle_hooks.play(model, texts, entry)
    assert_logs_agree(logs["two texts"], log, "two texts")
    for key, array in expected.items():
        assert difference(arrays[key], array) <= TOLERANCE, key


def test_hook_on_module_list_never_fires(tmp_path):
    make_model("DistilBert", layers=1).save_pretrained(tmp_path)
    hooks = [hook(point, point, "transformer.layer") for point in ("pre", "forward")]
    logs, _ = run_scripts(tmp_path, random_texts([4], 60), [script("list", hooks, [*register_all(hooks), RUN])])
    assert logs["list"] == [{"run": "list/0"}]


@pytest.mark.parametrize("family, path", [("DistilBert", "transformer.layer.0.attention.dropout"),
                                          ("DistilBert", "embeddings.dropout"),
                                          ("Bert", "encoder.layer.0.attention.self.dropout")])
def test_hook_on_dropout_is_refused(family, path, tmp_path):
    make_model(family, layers=1).save_pretrained(tmp_path)
    entry = script("dropout", [hook("a", "forward", path)], [{"register": "a"}, RUN])
    logs, _ = run_scripts(tmp_path, random_texts([4], 60), [entry])
    assert logs["dropout"] == [{"register": "a", "error": "HOOK_DROPOUT"}, {"run": "dropout/0"}]
