# SPDX-License-Identifier: Apache-2.0
"""Every code block of README.md and docs/ runs and prints what the page says; so does every Example of a header."""

import collections
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from cpp_programs import MARK, header_programs, page_programs
from snippets import ROOT, all_blocks, matches

BUILD = ROOT / os.environ.get("ATTNSCOPE_BUILD_DIR", "build/release")
MODEL = ROOT / "data/demo-ner"
BLOCKS = all_blocks()
RUN_BLOCKS = [block for block in BLOCKS if not block.not_run]


def of_language(language):
    return [block for block in RUN_BLOCKS if block.language == language]


CPP_PROGRAMS = page_programs(of_language("cpp"))
PROGRAM_OF = {block.name: program for program, (_, blocks) in CPP_PROGRAMS.items() for block in blocks}
HEADER_PROGRAMS = header_programs()


def by_name(blocks):
    return pytest.mark.parametrize("block", blocks, ids=lambda block: block.name)


def check_output(block, printed):
    if block.expected is not None:
        assert matches(printed, block.expected), f"{block.name} printed:\n{printed}\nThe page says:\n{block.expected}"


def test_there_are_blocks_of_every_language():
    found = collections.Counter(block.language for block in RUN_BLOCKS)
    assert min(found["python"], found["cpp"], found["sh"]) > 0, found
    assert HEADER_PROGRAMS


@by_name([block for block in BLOCKS if block.not_run])
def test_block_that_is_not_run(block):
    pytest.skip(f"{block.name} ({block.language}) is not run: {block.not_run}")


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory):
    """The folder in which all blocks of a page and language run, with the files that pages speak of."""
    folders = {}

    def folder(page, language):
        if (page, language) not in folders:
            path = folders[page, language] = tmp_path_factory.mktemp(pathlib.Path(page).stem)
            (path / "DIR").symlink_to(MODEL)
            sentence = "Angela Merkel lives in Paris and works for Credit Suisse."
            (path / "texts.txt").write_text(f"{sentence}\nThis is a simple example sentence.\n")
            (path / "labelled.conll").write_text(
                "Angela B-PER\nMerkel I-PER\nvisited O\nParis B-LOC\n. O\n\nHe O\nworks O\nfor O\nGoogle B-ORG\n. O\n"
            )
            (path / "long.txt").write_text(" ".join([sentence] * 60) + "\n")
        return folders[page, language]

    return folder


# ---- Python


@pytest.fixture(scope="session")
def python_results(folder_of):
    """(outcome, text) of a Python block; its page is run when first asked for."""
    if importlib.util.find_spec("attnscope") is None:
        pytest.skip("the Python package attnscope is not installed")
    pages = {}

    def run_page(page):
        blocks = [block for block in of_language("python") if block.page == page]
        folder = folder_of(page, "python")
        given, results = folder / "blocks.json", folder / "results.json"
        given.write_text(json.dumps([vars(block) for block in blocks]))
        runner = pathlib.Path(__file__).with_name("python_page.py")
        done = subprocess.run(
            [sys.executable, runner, given, results], cwd=folder, capture_output=True, encoding="utf-8", timeout=300,
            check=False, env={**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return {block.name: result for block, result in zip(blocks, json.loads(results.read_text()), strict=True)}

    def result_of(block):
        if block.page not in pages:
            pages[block.page] = run_page(block.page)
        return pages[block.page][block.name]

    return result_of


@by_name(of_language("python"))
def test_python_block_runs(block, python_results):
    outcome, text = python_results(block)
    if outcome == "skipped":
        pytest.skip(f"{block.name}: {text}")
    assert outcome == "passed", text
    check_output(block, text)


# ---- shell


@by_name(of_language("sh"))
def test_shell_block_runs(block, program, folder_of):
    """In the folder of its page, where files of the blocks above it lie."""
    folder = folder_of(block.page, "sh")
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "80"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.code], cwd=folder, env=environment, capture_output=True,
        encoding="utf-8", stdin=subprocess.DEVNULL, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{block.name}\n{done.stdout}{done.stderr}"
    check_output(block, done.stdout)


# ---- C++


@pytest.fixture(scope="session")
def cpp_folder(tmp_path_factory, program):
    """All programs built against the installed package, in one go. Returns (folder of the programs, log).

    `program`, the last of what is installed, is there only after a whole build.
    """
    folder = tmp_path_factory.mktemp("cpp")
    sources, build = folder / "sources", folder / "build"
    sources.mkdir()
    texts = {program: text for program, (text, _) in CPP_PROGRAMS.items()}
    for name, text in {**texts, **HEADER_PROGRAMS}.items():
        (sources / f"{name}.cpp").write_text(text)

    def cmake(*arguments):
        command = ["cmake", *map(os.fspath, arguments)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=900, check=False)

    installed = cmake("--install", BUILD, "--prefix", folder / "prefix")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    configured = cmake(
        "-S", pathlib.Path(__file__).with_name("programs"), "-B", build, "-G", "Ninja", *launcher,
        f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}", f"-DSOURCES={sources}", f"-DMODEL={MODEL}",
    )  # fmt: skip
    assert configured.returncode == 0, configured.stdout + configured.stderr
    done = cmake("--build", build, "--", "-k", "0")
    return build, done.stdout + done.stderr


@pytest.fixture(scope="session")
def cpp_output(cpp_folder, tmp_path_factory):
    """(printed parts, one a block; errors) of a program, run when first asked for."""
    outputs = {}

    def output_of(program):
        build, log = cpp_folder
        if not (build / program).exists():
            pytest.fail(f"{program} does not compile:\n{log[-6000:]}", pytrace=False)
        if program not in outputs:
            done = subprocess.run(
                [build / program], cwd=tmp_path_factory.mktemp(program), capture_output=True, encoding="utf-8",
                timeout=120, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
            outputs[program] = done.stdout
        return outputs[program]

    return output_of


@by_name(of_language("cpp"))
def test_cpp_block_runs(block, cpp_output):
    program = PROGRAM_OF[block.name]
    blocks = CPP_PROGRAMS[program][1]
    parts = cpp_output(program).split(MARK)
    check_output(block, parts[0] if len(parts) == 1 else parts[1 + blocks.index(block)])


@pytest.mark.parametrize("header", HEADER_PROGRAMS)
def test_examples_of_header_run(header, cpp_output):
    cpp_output(header)
