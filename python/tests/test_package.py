# SPDX-License-Identifier: Apache-2.0
"""The package itself: what importing costs, its public names, its types, and the wheel."""

import ast
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

import attnscope

ROOT = pathlib.Path(__file__).parents[2]
# What manylinux counts on everywhere.
SYSTEM = ("libc.so", "libm.so", "libdl.so", "librt.so", "libpthread.so", "libstdc++.so", "libgcc_s.so", "ld-linux")


def run_python(program, *command, **options):
    command = command or (sys.executable, "-I")
    return subprocess.run([*command, "-c", program], capture_output=True, text=True, check=True, **options).stdout


def test_importing_loads_neither_numpy_nor_the_engine():
    loaded = run_python("import attnscope, sys; print(*sys.modules)").split()
    assert {"numpy", "torch", "transformers", "attnscope._core", "attnscope.modeling"}.isdisjoint(loaded)


def test_pictures_and_pages_load_neither_torch_nor_a_notebook():
    program = """
import sys, attnscope
result = attnscope.AutoModel.from_pretrained("builtin:demo").attend("Hello world")
result.plot(layer=0, head=0).svg, result.to_html(), attnscope.head_view
print(*sys.modules)
"""
    loaded = run_python(program).split()
    assert {"torch", "transformers", "IPython", "anywidget", "ipywidgets", "cairosvg", "pandas"}.isdisjoint(loaded)


def test_models_need_no_torch():
    program = """
import sys
sys.modules["torch"] = None  # an import of it fails
import attnscope, numpy as np
model = attnscope.DistilBertForTokenClassification.from_pretrained("builtin:demo")
inputs = model.tokenizer("Angela lives in Paris", return_tensors="np")
print(model(**inputs, output_attentions=True).attentions[0].shape, model.device)
"""
    assert "(1, 12, 6, 6)" in run_python(program).replace("7, 7", "6, 6")


def test_public_names_are_there_and_typed():
    assert set(attnscope.__all__) <= set(dir(attnscope))
    for name in attnscope.__all__:
        assert getattr(attnscope, name) is not None
    package = pathlib.Path(attnscope.__file__).parent
    assert (package / "py.typed").exists() and (package / "_core.pyi").exists()
    stub = ast.parse((package / "__init__.pyi").read_text())
    typed = {(node.module, name.name) for node in stub.body for name in node.names}
    assert typed == {(module, name) for module, names in attnscope._HOMES.items() for name in names}
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = attnscope.nothing


def test_versions_agree():
    assert importlib.metadata.version("attnscope") == attnscope.__version__
    assert attnscope.version_string().startswith(f"attnscope {attnscope.__version__} (")


def test_numpy_is_all_that_is_required():
    required = [text for text in importlib.metadata.requires("attnscope") or [] if "extra ==" not in text]
    assert [text.split(">")[0] for text in required] == ["numpy"]


def test_notices_point_at_the_line_of_the_user():
    with pytest.warns(UserWarning, match="not used by this class") as caught:
        attnscope.AutoModel.from_pretrained("builtin:demo")
    assert [warning.filename for warning in caught] == [__file__]


@pytest.fixture(scope="module")
def wheel():
    wheels = sorted((ROOT / "build" / "wheels").glob("attnscope-*.whl"))
    if not wheels:
        pytest.skip("no wheel was built (make wheel)")
    return wheels[-1]


def test_the_wheel_bundles_what_it_needs(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    libraries = {path.name: path for path in tmp_path.rglob("*.so*")}
    assert any(name.startswith("_core") for name in libraries)
    for path in libraries.values():
        listed = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
        needed = [line.split("[")[1].rstrip("]") for line in listed.splitlines() if "(NEEDED)" in line]
        missing = [name for name in needed if name not in libraries and not name.startswith(SYSTEM)]
        assert not missing, f"{path.name} needs {missing}"
    assert not [name for name in names if name.endswith((".a", ".h", ".cmake")) or name.startswith("include")]
    assert any(name.endswith("libdnnl2.copyright") for name in names)


def test_the_wheel_works_without_the_libraries_of_the_system(wheel, tmp_path):
    """A bare environment with numpy: nothing but what every system has is loaded from outside."""
    import numpy

    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in ("numpy", "numpy.libs"):
        source = pathlib.Path(numpy.__file__).parents[1] / name
        if source.exists():
            os.symlink(source, site / name)
    program = f"""
import sys; sys.path.insert(0, {str(site)!r})
import numpy
def libraries():
    return {{line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}}
before = libraries()
import attnscope
print(attnscope.AutoModel.from_pretrained("builtin:demo").attend("Hello world", layers=0).shape)
assert attnscope.__file__.startswith({str(site)!r})
print(*(libraries() - before), sep="\\n")
"""
    shape, *loaded = run_python(program, sys.executable, "-I", "-S").split("\n")
    assert shape == "(1, 12, 4, 4)"
    assert any("attnscope/libs/libdnnl" in path for path in loaded)
    foreign = [path for path in loaded if path and not path.startswith(str(site))]
    assert all(pathlib.Path(path).name.startswith(SYSTEM) for path in foreign if "python" not in path), foreign
