# SPDX-License-Identifier: Apache-2.0
"""Arrays that outlive models, hooks that throw, recurse or start threads, and arguments that are wrong."""

import copy
import gc
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import numpy as np
import pytest

import attnscope
from package_models import SENTENCE

IDS = np.array([[2, 5, 6, 7, 3]])
EMBEDDED = (
    "import attnscope, numpy as np; model = attnscope.AutoModelForTokenClassification.from_pretrained('builtin:demo')"
)


@pytest.fixture(scope="module")
def tiny(twins):
    return twins("DistilBert", "token_classification", layers=1, heads=2).folder


@pytest.fixture
def model(tiny):
    return attnscope.DistilBertForTokenClassification.from_pretrained(tiny)


def run_python(program, *, timeout=120, options=()):
    """A process of its own, as a crash or a hang there would be one here."""
    command = [sys.executable, *options, "-c", textwrap.dedent(program)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def assert_runs(program, **options):
    result = run_python(program, **options)
    assert result.returncode == 0, result.stderr
    return result.stdout


def resident_kib():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


# ---- rows 111 and 112: memory


def test_arrays_outlive_their_model(tiny):
    def attentions():
        model = attnscope.DistilBertForTokenClassification.from_pretrained(tiny)
        return model(IDS, output_attentions=True).attentions

    first = attentions()
    before = [layer.copy() for layer in first]
    for _ in range(50):
        gc.collect()
        later = attentions()
    assert all(np.array_equal(one, two) for one, two in zip(first, before, strict=True))
    assert all(np.array_equal(one, two) for one, two in zip(later, before, strict=True))


def test_ten_thousand_models_leave_nothing(tiny):
    kept = []

    def round_trip():
        model = attnscope.DistilBertForTokenClassification.from_pretrained(tiny)
        model.distilbert.transformer.layer[0].register_forward_hook(lambda *_: kept.append(model) if False else None)
        return model(IDS).logits

    for _ in range(3_000):  # until allocator and library have what they keep
        round_trip()
    gc.collect()
    before = resident_kib()
    for _ in range(7_000):
        round_trip()
    gc.collect()
    assert resident_kib() - before < 8 * 1024


def test_a_hundred_thousand_hook_calls_leave_nothing(model):
    def throw(*_):
        raise ValueError("boom")

    def calls(count):
        for number in range(count):
            with model.distilbert.transformer.layer[0].ffn.register_forward_hook(
                throw if number % 2 else lambda *_: None
            ):
                try:
                    model(IDS)
                except ValueError:
                    assert number % 2

    calls(2_000)
    gc.collect()
    before = resident_kib()
    calls(98_000)
    gc.collect()
    assert resident_kib() - before < 8 * 1024


def test_earlier_results_stay_as_they_were(model):
    kept = []
    handle = model.distilbert.transformer.layer[0].attention.attn.register_forward_hook(
        lambda module, args, output: kept.append(output[0])
    )
    first = model(IDS, output_attentions=True)
    copies = [first.logits.copy(), first.attentions[0].copy(), kept[0].copy()]
    for seed in range(20):
        model(np.random.default_rng(seed).integers(0, 40, (3, 9)))
    handle.remove()
    for array, expected in zip((first.logits, first.attentions[0], kept[0]), copies, strict=True):
        assert np.array_equal(array, expected) and not array.flags.writeable


# ---- rows 113, 114, 115 and 118: hooks and threads


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_what_a_hook_raises_comes_out_unchanged(model, error):
    expected = model(IDS).logits
    raised = error("boom")

    def throw(*_):
        raise raised

    with model.distilbert.transformer.layer[0].ffn.register_forward_hook(throw), pytest.raises(error) as caught:
        model(IDS)
    assert caught.value is raised and caught.traceback[-1].name == "throw"
    assert np.array_equal(model(IDS).logits, expected)


def test_a_hook_may_call_the_model_and_threads(model):
    expected = model(IDS).logits
    results, inside = [], threading.local()

    def call():
        inside.busy = True
        results.append(model(IDS).logits)

    def hook(*_):
        if getattr(inside, "busy", False):
            return
        inside.busy = True
        call()
        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()

    with model.distilbert.transformer.layer[0].ffn.register_forward_hook(hook):
        outer = model(IDS).logits
    assert len(results) == 5 and all(np.array_equal(result, expected) for result in (outer, *results))


def test_a_hook_that_calls_its_model_without_end_is_a_recursion_error(model):
    with (
        model.distilbert.transformer.layer[0].ffn.register_forward_hook(lambda *_: model(IDS) and None),
        pytest.raises(RecursionError),
    ):
        model(IDS)


def test_a_hook_may_drop_the_model(tiny):
    holder = [attnscope.DistilBertForTokenClassification.from_pretrained(tiny)]
    handle = holder[0].distilbert.transformer.layer[0].register_forward_hook(lambda *_: holder.clear())
    assert holder[0](IDS).logits.shape == (1, 5, 3)
    gc.collect()
    handle.remove()


def test_eight_threads_get_the_same_bits_with_hooks(demo):
    ids = [np.random.default_rng(seed).integers(5, 9_000, (2, 24)) for seed in range(8)]
    seen = []
    hook = demo.distilbert.transformer.layer[2].register_forward_hook(lambda *_: seen.append(threading.get_ident()))
    with hook:
        expected = [demo(one).logits for one in ids]
        results = [None] * 8

        def work(index):
            for _ in range(5):
                results[index] = demo(ids[index]).logits

        threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(seen)) > 1 and len(seen) == 48
    assert all(np.array_equal(one, two) for one, two in zip(results, expected, strict=True))


def test_a_forked_child_can_run_the_model():
    printed = assert_runs(
        f"""
        {EMBEDDED}
        import os
        ids = np.arange(5, 69)[None]
        expected = model(ids).logits
        child = os.fork()
        if not child:
            os._exit(0 if np.array_equal(model(ids).logits, expected) else 1)
        print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), np.array_equal(model(ids).logits, expected))
        """
    )
    assert printed.split() == ["child", "0", "True"]


def test_values_that_a_hook_may_not_return(model):
    layer = model.distilbert.transformer.layer[0]
    good = np.zeros((1, 5, 16), dtype=np.float32)
    wrong = {
        r"neither float32 nor int64": good.astype(np.float64),
        r"shape \[1, 4, 16\], expected \[1, 5, 16\]": good[:, 1:],
        r"shape \[5, 16\], expected \[1, 5, 16\]": good[0],
        r"a replaced value is >f4": good.astype(">f4"),
        r"returned str, expected an array": "text",
        r"returned 2 values, the module has 1 outputs": (good, good),
        r"NaN": np.full_like(good, np.nan),
    }
    for message, value in wrong.items():
        with (
            layer.register_forward_hook(lambda *_, value=value: value),
            pytest.raises(ValueError, match=message) as caught,
        ):
            model(IDS)
        assert isinstance(caught.value, attnscope.HookError) and "transformer.layer.0" in str(caught.value)
    strided = np.zeros((1, 16, 5), dtype=np.float32).transpose(0, 2, 1)
    for value in (strided, good[:, ::-1], np.asfortranarray(good)):
        with layer.register_forward_hook(lambda *_, value=value: value):
            assert model(IDS).logits.shape == (1, 5, 3)


def test_inputs_and_weights_in_hooks_are_read_only_arrays(model):
    def write(module, args, output):
        output[0][:] = 0

    attention = model.distilbert.transformer.layer[0].attention
    with attention.register_forward_hook(write), pytest.raises(ValueError, match="read-only"):
        model(IDS)
    with pytest.raises(ValueError, match="read-only"):
        model._session.parameter("classifier", "weight", False)[:] = 0


def test_paths_that_match_nothing_name_the_nearest(model):
    with pytest.raises(AttributeError, match=r"did you mean '.*transformer.layer.0.attention"):
        model.get_submodule("distilbert.transformer.layer.0.attentoin")
    with pytest.raises(AttributeError, match="dropout does nothing in inference"):
        _ = model.distilbert.transformer.layer[0].attention.dropout
    with pytest.raises(IndexError, match="has layers 0 to 0, not 6"):
        _ = model.distilbert.transformer.layer[6]
    with pytest.raises(TypeError, match="a hook is a function, not str"):
        model.distilbert.register_forward_hook("hook")
    with pytest.raises(TypeError, match="runs inside its model only"):
        model.classifier(IDS)


# ---- row 116: Ctrl-C


def test_ctrl_c_stops_a_corpus_and_leaves_no_file(tmp_path):
    program = f"""
    {EMBEDDED}
    import itertools
    def texts():
        for number in itertools.count():
            if number == 50: print("started", flush=True)
            yield "Angela Merkel lives in Berlin and works there . " * 20
    try:
        model.attend(texts(), progress=False).save({str(tmp_path / "all.npz")!r})
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        raise
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "started"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=30)
    assert printed.strip() == "interrupted" and "KeyboardInterrupt" in errors
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_stops_inside_one_long_call():
    printed = assert_runs(
        f"""
        {EMBEDDED}
        import os, signal, threading, time
        ids = np.full((64, 512), 9)
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            for _ in range(100): model(ids)
        except KeyboardInterrupt:
            print("interrupted")
        expected = model(ids[:1, :9]).logits
        print(expected.shape)
        """
    )
    assert printed.split("\n")[:2] == ["interrupted", "(1, 9, 7)"]


# ---- rows 117 and 118: texts and arrays


@pytest.mark.parametrize(
    "texts, error, message",
    [
        (["fine", b"bytes"], TypeError, r"texts\[1\].*bytes"),
        (["fine", None], TypeError, r"texts\[1\].*NoneType"),
        (["fine", "fine", 3], TypeError, r"texts\[2\].*int"),
        (["fine", "a\ud800b"], ValueError, r"texts\[1\]"),
        (b"bytes", TypeError, "bytes"),
        (None, TypeError, "NoneType"),
        (3, TypeError, "int"),
    ],
)
def test_texts_that_are_none(demo, texts, error, message):
    with pytest.raises(error, match=message):
        demo.attend(texts, layers=0)


def test_text_of_numpy_is_text(demo):
    assert np.array_equal(
        demo.attend(np.str_(SENTENCE), layers=0).attentions, demo.attend(SENTENCE, layers=0).attentions
    )


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({}, "exactly one of input_ids or inputs_embeds"),
        ({"input_ids": IDS, "inputs_embeds": np.zeros((1, 5, 16))}, "exactly one"),
        ({"input_ids": IDS[0]}, r"input_ids: has shape \[5\], expected \[batch, seq\]"),
        ({"input_ids": IDS.astype(float)}, "input_ids: is float64, expected whole numbers"),
        ({"input_ids": [[1, 2], [3]]}, "its rows differ in length"),
        ({"input_ids": IDS[:, :0]}, r"has shape \[1, 0\]"),
        (
            {"input_ids": IDS, "attention_mask": np.ones((1, 4))},
            r"attention_mask: has shape \[1, 4\], expected \[1, 5\]",
        ),
        ({"input_ids": IDS, "attention_mask": np.ones((1, 1, 5, 5))}, r"expected \[batch, seq\]"),
        ({"input_ids": IDS, "position_ids": np.zeros((2, 5), int)}, r"position_ids: has shape \[2, 5\]"),
        ({"input_ids": IDS * 1000}, r"text 0 token 0: id 2000, expected 0 to"),
        ({"input_ids": IDS, "position_ids": IDS * 1000}, "id 2000, expected 0 to 63"),
        ({"inputs_embeds": np.zeros((1, 5, 17), np.float32)}, r"17.*16"),
        ({"inputs_embeds": IDS}, r"inputs_embeds: is int64, expected float32"),
        ({"input_ids": IDS.repeat(20, 1)}, "100 tokens, the model takes at most 64|id 64, expected 0 to 63"),
    ],
)
def test_arrays_that_do_not_fit(model, arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        model(**arguments)
    assert isinstance(caught.value, attnscope.AttnscopeError)
    assert caught.value.code and caught.value.exit_code in (2, 3)


def test_unknown_arguments_are_named(model):
    with pytest.raises(TypeError, match="unexpected argument 'atention_mask'"):
        model(IDS, atention_mask=IDS)
    with pytest.raises(TypeError, match="two values for 'input_ids'"):
        model(IDS, input_ids=IDS)
    with pytest.raises(TypeError, match="did you mean 'output_attentions'"):
        attnscope.AutoModel.from_pretrained("builtin:demo", output_attention=True)
    with pytest.raises(attnscope.UsageError, match="float16 is not supported"):
        attnscope.AutoModel.from_pretrained("builtin:demo", dtype="float16")


def test_ten_million_texts_are_looked_through_before_any_is_read(demo):
    before = resident_kib()
    with pytest.raises(TypeError, match=r"texts\[9999999\].*bytes"):
        demo.tokenizer(["a"] * (10**7 - 1) + [b"a"])
    assert resident_kib() - before < 600 * 1024


# ---- row 119: copies, pickles, interpreters


def test_pickles_are_refused_and_copies_share_weights(model):
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(model)
    calls = []

    def identity(one):
        return one._session.parameter_identity("classifier", "weight")

    with model.register_forward_hook(lambda *_: calls.append(1)):
        for other in (copy.copy(model), copy.deepcopy(model)):
            assert np.array_equal(other(IDS).logits, model.forward(IDS).logits)
            assert identity(other) == identity(model)
    assert calls == []
    outputs = model(IDS, output_attentions=True)
    again = pickle.loads(pickle.dumps(outputs))
    assert type(again) is type(outputs) and np.array_equal(again.attentions[0], outputs.attentions[0])
    assert np.array_equal(copy.deepcopy(outputs).logits, outputs.logits)


def test_models_can_be_watched_and_go_when_they_are_dropped(tiny):
    model = attnscope.DistilBertForTokenClassification.from_pretrained(tiny)
    model(IDS)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_the_interpreter_ends_with_live_arrays_and_hooks():
    assert_runs(
        f"""
        {EMBEDDED}
        import threading
        handle = model.distilbert.transformer.register_forward_hook(lambda *_: None)
        outputs = model(np.arange(5, 40)[None], output_attentions=True)
        stream = model.attend(("text" for _ in range(10 ** 9)), layers=0)
        next(stream)
        threading.Thread(target=lambda: [model(np.arange(5, 40)[None]) for _ in range(10 ** 6)], daemon=True).start()
        def work():
            while True:
                model.tokenizer(["some text to be read"] * 1000)
                attnscope.AutoConfig.from_pretrained("builtin:demo")
        model.tokenizer
        threading.Thread(target=work, daemon=True).start()
        """,
        options=("-X", "dev"),
    )


def test_another_interpreter_in_the_process_does_not_crash():
    result = run_python(
        f"""
        {EMBEDDED}
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            import _interpreters as interpreters
        try:
            interpreters.run_string(interpreters.create(), "import attnscope._core")
            print("imported")
        except Exception as error:
            print("refused", type(error).__name__)
        print(model(np.arange(5, 9)[None]).logits.shape)
        """
    )
    assert result.returncode == 0, result.stderr
    assert "(1, 4, 7)" in result.stdout


# ---- row 120: paths


def test_paths_of_every_kind(tiny, tmp_path, monkeypatch):
    expected = attnscope.AutoModel.from_pretrained(str(tiny))(IDS).last_hidden_state
    strange = os.fsencode(tmp_path) + b"/na\xefve"
    os.symlink(os.fsencode(tiny), strange)
    for path in (pathlib.Path(tiny), os.fsencode(tiny), strange, os.fsdecode(strange)):
        assert np.array_equal(attnscope.AutoModel.from_pretrained(path)(IDS).last_hidden_state, expected)
    monkeypatch.chdir(pathlib.Path(tiny).parent)
    attnscope.AutoModel.from_pretrained(pathlib.Path(tiny).name)


def test_paths_that_cannot_be(tmp_path):
    for path in ("a\0b", b"a\0b"):
        with pytest.raises(ValueError, match="NUL"):
            attnscope.AutoModel.from_pretrained(path)
    with pytest.raises(OSError, match="no such directory"):
        attnscope.AutoModel.from_pretrained("~/no/such/model")
    with pytest.raises(OSError, match="no-such-model"):
        attnscope.AutoModel.from_pretrained("nobody/no-such-model")
    with pytest.raises(TypeError, match="named by a str or a path, not by int"):
        attnscope.AutoModel.from_pretrained(3)
    with pytest.raises(attnscope.CheckpointError, match=r"config\.json") as caught:
        attnscope.AutoModel.from_pretrained(tmp_path)
    assert isinstance(caught.value, attnscope.FormatError)
