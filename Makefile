# Two commands on a bare Debian 12: `make run` and `make test`. Each does all of its set-up.
SHELL := /bin/bash
BUILD := build/release
PYTHON := .venv/bin/python
BENCH_PYTHON := .venv-bench/bin/python
NPM = PATH="$$(tools/node.sh):$$PATH" npm --prefix web
export ATTNSCOPE_BUILD_DIR := $(CURDIR)/$(BUILD)
export ATTNSCOPE_SHARED ?= $(abspath $(CURDIR)/../shared)
export CTEST_OUTPUT_ON_FAILURE := 1

.PHONY: run test build test-cpp test-python test-web web check wheel package docs asan bench install clean

# The main job: the embedded model on the example sentence.
run: build/.cxx-packages
	cmake --preset release -DATTNSCOPE_BUILD_TESTS=OFF -DATTNSCOPE_BUILD_EXAMPLES=OFF $(shell tools/launcher.sh)
	cmake --build $(BUILD)
	$(BUILD)/cli/attnscope demo

# Every test: format and include rules, C++, the package and Python, the viewer.
test: check test-cpp test-python test-web

build: build/.test-packages
	cmake --preset release -DATTNSCOPE_BUILD_TESTS=ON -DATTNSCOPE_BUILD_EXAMPLES=ON -DATTNSCOPE_WERROR=ON $(shell tools/launcher.sh)
	cmake --build $(BUILD)

check: build/.test-packages build/.python-packages
	tools/check.sh

test-cpp: build
	ctest --test-dir $(BUILD) --no-tests=error -j2

test-python: build package
	$(PYTHON) -m pytest -q -rs tests python/tests

# The viewer: types and lint, then unit tests and a real browser on pages that the program writes.
test-web: build build/.web-packages
	$(NPM) run check
	$(NPM) test

# The page that the library carries, web/dist/viewer.js: committed, so that C++ needs no node.
web: build/.web-packages
	$(NPM) run build

# The Python package as a wheel that needs no compiler and no Debian package where it is installed.
wheel: build/.python-packages
	rm -rf build/wheels
	$(PYTHON) -m pip wheel -q --no-deps --no-build-isolation -w build/wheels \
	  -C cmake.define.ATTNSCOPE_WERROR=ON $(shell tools/launcher.sh | sed 's/^-D/-C cmake.define./') .

# The same, installed into .venv.
package: wheel
	$(PYTHON) -m pip install -q --no-deps --force-reinstall build/wheels/attnscope-*.whl

# Address and undefined-behaviour sanitizers on all C++ tests.
asan: build/.test-packages
	cmake --preset asan -DATTNSCOPE_BUILD_EXAMPLES=OFF $(shell tools/launcher.sh)
	cmake --build build/asan
	ctest --test-dir build/asan --no-tests=error -j2

# Half an hour on a machine that does nothing else. For trying out: $(BENCH_PYTHON) bench/model_bench.py --quick
bench: wheel build/.bench-packages
	cmake --preset bench -DATTNSCOPE_BUILD_TESTS=OFF $(shell tools/launcher.sh)
	cmake --build build/bench
	$(BENCH_PYTHON) -m pip install -q --no-deps --force-reinstall build/wheels/attnscope-*.whl
	$(BENCH_PYTHON) bench/model_bench.py --output docs/benchmarks.md
	$(BENCH_PYTHON) bench/python_bench.py --output docs/benchmarks.md
	PATH="$$(tools/node.sh):$$PATH" npm --prefix bench/viewer ci --no-audit --no-fund
	$(BENCH_PYTHON) bench/viewer_bench.py --program build/bench/cli/attnscope --output docs/benchmarks.md

install: build/.cxx-packages
	cmake --preset release -DATTNSCOPE_BUILD_TESTS=OFF -DATTNSCOPE_BUILD_EXAMPLES=OFF $(shell tools/launcher.sh)
	cmake --build $(BUILD)
	cmake --install $(BUILD)

# The documentation site; it opens without a network. The Python reference is read from the installed package.
docs: build/.docs-packages
	.venv-docs/bin/python -m pip install -q .
	.venv-docs/bin/python -m sphinx -b html -W --keep-going -q docs build/docs/html
	.venv-docs/bin/python docs/_ext/check_offline.py build/docs/html
	@echo $(CURDIR)/build/docs/html/index.html

clean:
	rm -rf build

build/.cxx-packages: tools/packages.sh tools/packages-cxx.txt
	tools/packages.sh tools/packages-cxx.txt
	mkdir -p build && touch $@

build/.test-packages: tools/packages.sh tools/packages-cxx.txt tools/packages-python.txt tools/packages-test.txt
	tools/packages.sh tools/packages-cxx.txt tools/packages-python.txt tools/packages-test.txt
	mkdir -p build && touch $@

build/.python-packages: build/.test-packages tests/requirements.txt
	python3 -m venv .venv
	$(PYTHON) -m pip install -q torch==2.13.0
	$(PYTHON) -m pip install -q -r tests/requirements.txt
	touch $@

build/.web-packages: tools/packages.sh tools/packages-web.txt tools/packages-node.txt tools/node.sh web/package-lock.json
	tools/packages.sh tools/packages-web.txt
	$(NPM) ci --no-audit --no-fund
	mkdir -p build && touch $@

# The engines that attnscope is compared with.
build/.bench-packages: bench/requirements.txt tools/packages-web.txt
	tools/packages.sh tools/packages-web.txt
	python3 -m venv .venv-bench
	$(BENCH_PYTHON) -m pip install -q torch==2.13.0
	$(BENCH_PYTHON) -m pip install -q -r bench/requirements.txt
	mkdir -p build && touch $@

build/.docs-packages: tools/packages.sh tools/packages-cxx.txt tools/packages-python.txt tools/packages-docs.txt docs/requirements.txt
	tools/packages.sh tools/packages-cxx.txt tools/packages-python.txt tools/packages-docs.txt
	python3 -m venv .venv-docs
	.venv-docs/bin/python -m pip install -q -r docs/requirements.txt
	mkdir -p build && touch $@
